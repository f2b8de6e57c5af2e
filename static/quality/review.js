// Keys of the review queue. Everything here only helps: buttons, links and forms do the same without it.

(function () {
    "use strict";

    const FIELDS = "input, textarea, select, [contenteditable]";

    // While somebody writes, or an input method is open, a letter is a letter.
    function isForSomebodyElse(event) {
        return event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey || event.repeat;
    }

    function press(key) {
        const target = document.querySelector("#review [data-key='" + key + "']");
        if (!target) {
            return false;
        }
        target.click();
        // At once: what is typed next belongs into the reason.
        const note = target.closest("details[open]")?.querySelector("[name=note]");
        if (note) {
            note.focus();
        }
        return true;
    }

    // In an empty reason, a number takes one of the usual reasons.
    function pressInReason(input, event) {
        const button = input.form.querySelectorAll("[name=quick]")[Number(event.key) - 1];
        if (input.value === "" && button) {
            event.preventDefault();
            button.click();
        } else if (event.key === "Escape") {
            input.closest("details").open = false;
            input.blur();
        }
    }

    document.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.form && event.target.form.id === "edit-form") {
            event.target.form.querySelector("[data-save]").click();
            return;
        }
        if (isForSomebodyElse(event)) {
            return;
        }
        if (event.target.id === "review-note") {
            pressInReason(event.target, event);
        } else if (!event.target.closest(FIELDS) && press(event.key.toLowerCase())) {
            event.preventDefault();
        }
    });

    document.addEventListener(
        "toggle",
        (event) => {
            if (event.target.matches(".qr-reject") && event.target.open) {
                event.target.querySelector("[name=note]").focus();
            }
        },
        true
    );

    // An order over many records goes on by itself.
    document.addEventListener("DOMContentLoaded", () => {
        const form = document.querySelector("form[data-go-on]");
        if (form) {
            form.submit();
        }
    });
})();
