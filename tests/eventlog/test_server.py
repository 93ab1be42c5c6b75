def test_db(database):
    import psycopg
    assert psycopg.connect(database).execute("select 1").fetchone()
def test_db2(database):
    pass
