// The form of a task: what only a source gives sense to is shown where one is chosen.
// Everything here only helps: without it all is shown, and the server judges the same inputs.

(function () {
    "use strict";

    const NAMES = ["records_per_item", "items_per_call"];

    function arrange(source) {
        for (const name of NAMES) {
            const input = document.getElementById(`id_${name}`);
            input.closest(`.field-${name}`).hidden = source.value === "";
            input.disabled = source.value === ""; // what nobody sees is not sent
        }
    }

    document.addEventListener("DOMContentLoaded", () => {
        const source = document.querySelector("#synthesistask_form #id_source");
        if (source) {
            // Before HTMX sends the form for the change.
            document.addEventListener("change", () => arrange(source), true);
            arrange(source);
        }
    });
})();
