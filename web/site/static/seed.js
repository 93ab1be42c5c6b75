// Makes the pages quicker to use. Each of them works without it.
(function () {
  "use strict";

  function each(selector, found) { document.querySelectorAll(selector).forEach(found); }

  // A form is sent once, however often its button is pressed.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    if (event.submitter) event.submitter.setAttribute("aria-busy", "true");
  });
  window.addEventListener("pageshow", function () {
    each("form", function (form) { delete form.dataset.sent; });
    each("[aria-busy]", function (button) { button.removeAttribute("aria-busy"); });
  });

  // The amount fills itself in once serial and code have been typed or pasted.
  each("form[data-check]", function (form) {
    var serial = form.elements.serial, code = form.elements.code, offered = form.elements.offered;
    var amount = document.getElementById("amount"), problem = document.getElementById("amount-error");
    // Without this, the amount goes by a page of its own, where it is confirmed.
    offered.value = offered.dataset.offered;
    var redeem = form.querySelector("button"), asked = offered.value ? pair() : "", turn = 0;
    function pair() { return (serial.value + "|" + code.value).replace(/[\s.-]/g, "").toUpperCase(); }
    function show(answer) {
      amount.textContent = answer.amount || amount.dataset.empty;
      problem.textContent = answer.problem || "";
      offered.value = answer.proof || "";
      redeem.textContent = answer.redeem || redeem.dataset.plain;
    }
    function check() {
      var wanted = pair();
      if (wanted === asked || !/^[^|]+\|.{12,24}$/.test(wanted)) return;
      var mine = turn += 1;
      asked = wanted;
      show({ amount: "…" });
      fetch(form.dataset.check, {
        method: "POST", credentials: "same-origin", headers: { Accept: "application/json" },
        body: new URLSearchParams({ serial: serial.value, code: code.value })
      }).then(function (reply) { return reply.json(); })
        .catch(function () { return { problem: form.dataset.failed }; })
        .then(function (answer) { if (mine === turn) show(answer); });
    }
    [serial, code].forEach(function (field) {
      field.addEventListener("change", check);
      field.addEventListener("paste", function () { setTimeout(check); });
      field.addEventListener("input", function () { if (asked && pair() !== asked) { turn += 1; asked = ""; show({}); } });
    });
    // Enter goes on to a field that is still empty, and sends the form where none is.
    form.addEventListener("submit", function (event) {
      var here = document.activeElement, fields = [].slice.call(form.querySelectorAll("input.code"));
      var empty = fields.filter(function (field) { return !field.value.trim(); })[0];
      if (empty && empty !== here && fields.indexOf(here) >= 0) { event.preventDefault(); empty.focus(); }
    });
  });

  // The page of a redemption under way shows its end by itself.
  function watch() {
    var state = document.querySelector("[data-watch]");
    if (!state) return;
    setTimeout(function () {
      fetch(location.href, { credentials: "same-origin", cache: "no-store" })
        .then(function (reply) { if (!reply.ok) throw new Error(reply.status); return reply.text(); })
        .then(function (text) {
          var news = new DOMParser().parseFromString(text, "text/html").getElementById("state");
          if (!news) throw new Error("no state");
          // What has not changed is not read out again.
          if (news.textContent !== state.textContent) state.innerHTML = news.innerHTML;
          if (news.dataset.watch) state.dataset.watch = news.dataset.watch; else delete state.dataset.watch;
        })
        .catch(function () { state.dataset.watch = Math.min(30, state.dataset.watch * 2); })
        .then(function () { dress(state); watch(); });
    }, state.dataset.watch * 1000);
  }

  // A token can be copied; a password can be looked at.
  function dress(part) {
    part.querySelectorAll(".token").forEach(function (token) {
      var words = document.body.dataset;
      if (!navigator.clipboard || token.parentNode.querySelector(".copy")) return;
      var button = document.createElement("button");
      button.type = "button";
      button.className = "second copy";
      button.textContent = words.copy;
      button.addEventListener("click", function () {
        navigator.clipboard.writeText(token.dataset.digits).then(function () { button.textContent = words.copied; });
      });
      token.after(button);
    });
  }
  each("input[type=password]", function (input) {
    var words = document.body.dataset, frame = document.createElement("span"), eye = document.createElement("button");
    frame.className = "with-eye";
    input.replaceWith(frame);
    eye.type = "button";
    eye.textContent = words.show;
    eye.setAttribute("aria-controls", input.id);
    eye.addEventListener("click", function () {
      var hidden = input.type === "password";
      input.type = hidden ? "text" : "password";
      eye.textContent = hidden ? words.hide : words.show;
    });
    frame.append(input, eye);
  });
  // A page worth keeping on paper is printed with a button.
  each("[data-print]", function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });
  dress(document);
  watch();
})();
