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

  // What was wrong with a field is not said any more once it is changed.
  document.addEventListener("input", function (event) {
    var field = event.target.closest(".field.wrong");
    if (!field) return;
    field.classList.remove("wrong");
    [].slice.call(field.querySelectorAll("[aria-invalid]")).forEach(function (input) { input.removeAttribute("aria-invalid"); });
    [].slice.call(field.querySelectorAll(".error")).forEach(function (said) { said.remove(); });
    each(".summary li a", function (link) {
      var place = document.getElementById(link.hash.slice(1));
      if (place && (place === field || field.contains(place))) link.parentNode.remove();
    });
    if (!document.querySelector(".summary li")) each(".summary", function (summary) { summary.remove(); });
  });

  // What a card is worth, and where the money will go, fill themselves in once enough has been typed, pasted or chosen.
  each("form[data-check]", function (form) {
    var offered = form.elements.offered, button = form.querySelector("button[data-plain]");
    var typed = [].slice.call(form.querySelectorAll("[data-ready]"));
    var amount = form.querySelector("[data-amount]"), problem = form.querySelector("[data-problem]"), sheet = form.querySelector("[data-sheet]");
    // Without this, the amount goes by a page of its own, where it is confirmed.
    offered.value = offered.dataset.offered;
    var asked = offered.value ? state() : "", turn = 0, shownFor = offered.value ? text() : "";
    function plain(field) { return field.value.replace(/[\s-]/g, "").toUpperCase(); }
    function meter() { return (form.querySelector("[name=meter]:checked") || {}).value || ""; }
    function text() { return typed.map(plain).join("|"); }
    function state() { return text() + "|" + meter(); }
    function ready() {
      return typed.every(function (field) { return RegExp("^(" + field.dataset.ready + ")$").test(plain(field)); }) && (meter() || !form.dataset.wantsMeter);
    }
    function show(answer) {
      if (amount) amount.textContent = answer.amount || amount.dataset.empty;
      problem.textContent = answer.problem || "";
      if (answer.problem || answer.proof) each(".summary", function (summary) { if (!summary.querySelector("li")) summary.remove(); });
      offered.value = answer.proof || "";
      button.textContent = answer.button || button.dataset.plain;
      sheet.innerHTML = answer.sheet || "";
    }
    // Where the site has too much to do, it is asked again when it says, a few times.
    function ask(sent, mine, times) {
      return fetch(form.dataset.check, { method: "POST", credentials: "same-origin", headers: { Accept: "application/json" }, body: sent })
        .then(function (reply) {
          if (reply.headers.get("Content-Type") !== "application/problem+json") return reply.json();
          if (!times || mine !== turn) throw new Error(reply.status);
          return new Promise(function (go) { setTimeout(go, 1000 * (reply.headers.get("Retry-After") || 1)); })
            .then(function () { return ask(sent, mine, times - 1); });
        });
    }
    function check() {
      var wanted = state();
      if (wanted === asked || !ready()) return;
      var mine = turn += 1, sent = new URLSearchParams({ meter: meter() });
      typed.forEach(function (field) { sent.set(field.name, field.value); });
      asked = wanted;
      // Another meter changes where a card's money goes, not what the card is worth.
      if (form.dataset.wantsMeter || text() !== shownFor) show({ amount: "…" });
      shownFor = text();
      ask(sent, mine, 3)
        .catch(function () { return { problem: form.dataset.failed }; })
        .then(function (answer) { if (mine === turn) show(answer); });
    }
    form.addEventListener("change", check);
    typed.forEach(function (field) {
      field.addEventListener("paste", function () { setTimeout(check); });
      field.addEventListener("input", function () { if (asked && state() !== asked) { turn += 1; asked = shownFor = ""; show({}); } });
    });
    if (form.dataset.wantsMeter) {
      if (!form.querySelector("[aria-invalid]")) check();
      // Whoever comes back from the payment page finds what they wanted.
      form.addEventListener("submit", function () {
        var wish = new URLSearchParams({ meter: meter() });
        typed.forEach(function (field) { wish.set(field.name, field.value); });
        history.replaceState(null, "", form.getAttribute("action") + "?" + wish);
      });
    }
    // Enter goes on to a field that is still empty, and sends the form where none is.
    form.addEventListener("submit", function (event) {
      var here = document.activeElement, fields = [].slice.call(form.querySelectorAll("input.code"));
      var empty = fields.filter(function (field) { return !field.value.trim(); })[0];
      if (empty && empty !== here && fields.indexOf(here) >= 0) { event.preventDefault(); empty.focus(); }
    });
  });

  // A new password can be saved once both fields match and hold more than seven characters, counted as the server does.
  each("form[data-passwords]", function (form) {
    var chosen = form.elements.chosen, again = form.elements.again;
    var save = form.querySelector("button[type=submit]"), match = document.getElementById("match");
    function look() {
      var length = Array.from(chosen.value).length, words = match.dataset;
      var fits = length >= form.dataset.passwords && length <= form.dataset.most, same = chosen.value === again.value;
      save.hidden = !(fits && same);
      var said = !chosen.value ? words.empty : length > form.dataset.most ? words.long : !fits ? words.short
        : same ? words.same : words.differ;
      if (match.textContent !== said) match.textContent = said;
    }
    form.addEventListener("input", look);
    window.addEventListener("pageshow", look);
    // Enter sends nothing that could not be saved.
    form.addEventListener("submit", function (event) { look(); if (save.hidden) event.preventDefault(); });
    look();
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
