// Forms of providers and templates. Everything here only helps: the server reads the same inputs.

(function () {
    "use strict";

    const { number, rowsEditor } = window.dataMate;

    function readJSON(id) {
        const element = document.getElementById(id);
        return element ? JSON.parse(element.textContent) : null;
    }

    // A provider's address and name follow its vendor until somebody writes other ones.
    function followVendor() {
        const vendors = readJSON("vendor-catalogue");
        const select = document.getElementById("id_vendor");
        if (!vendors || !select) {
            return;
        }
        const note = document.createElement("p");
        note.className = "dm-muted";
        select.parentElement.insertAdjacentElement("afterend", note);
        const known = (key) => Object.values(vendors).map((vendor) => vendor[key]);
        const fill = (id, key) => {
            const input = document.getElementById(id);
            if (input && (input.value === "" || known(key).includes(input.value))) {
                input.value = vendors[select.value][key];
            }
        };
        const show = () => {
            note.textContent = select.value in vendors ? vendors[select.value].note : "";
        };
        select.addEventListener("change", () => {
            if (select.value in vendors) {
                fill("id_base_url", "address");
                fill("id_name", "label");
            }
            show();
        });
        show();
    }

    // What the chosen preset says stands, greyed, where a parameter is left empty.
    function followPreset() {
        const presets = readJSON("parameter-presets");
        const select = document.getElementById("id_preset");
        if (!presets || !select) {
            return;
        }
        const show = () => {
            for (const name of ["temperature", "top_p", "max_tokens"]) {
                const input = document.getElementById("id_" + name);
                const preset = presets[select.value] || {};
                if (input) {
                    input.placeholder = name in preset ? preset[name] : "";
                }
            }
        };
        select.addEventListener("change", show);
        show();
    }

    // A call to a vendor takes a while: say so, and do not send it twice.
    function markBusy() {
        for (const form of document.querySelectorAll("form[data-busy]")) {
            form.addEventListener("submit", () => {
                const button = form.querySelector("[type=submit]");
                button.disabled = true;
                button.textContent = form.dataset.busy;
            });
        }
    }

    const SEPARATORS = /[,，、;；\n]/;

    function split(text) {
        return text.split(SEPARATORS).map((part) => part.trim()).filter((part) => part);
    }

    function join(value) {
        return Array.isArray(value) ? value.join(", ") : value === undefined || value === null ? "" : String(value);
    }

    function toRow(given) {
        const { name, type, default: initial, required, description, choices, weights, ...rest } = given;
        const hasWayOut = type === "choice" || initial !== undefined;
        return {
            rest,
            name: name || "",
            type: type || "text",
            default: join(initial),
            required: required === undefined ? !hasWayOut : Boolean(required),
            description: description || "",
            choices: join(choices),
            weights: join(weights),
            numbers: (choices || []).filter((choice) => typeof choice === "number"),
        };
    }

    function defaultOf(row) {
        if (row.type === "integer" || row.type === "number") {
            return number(row.default);
        }
        if (row.type === "list") {
            return split(row.default);
        }
        return row.default;
    }

    function fromRow(row) {
        const result = { name: row.name.trim(), type: row.type, required: row.required };
        if (row.default.trim() !== "") {
            result.default = defaultOf(row);
        }
        if (row.description.trim() !== "") {
            result.description = row.description;
        }
        if (row.type === "choice") {
            result.choices = split(row.choices).map((choice) =>
                row.numbers.includes(Number(choice)) ? Number(choice) : choice
            );
            if (row.weights.trim() !== "") {
                result.weights = split(row.weights).map(number);
            }
        }
        return { ...row.rest, ...result };
    }

    document.addEventListener("alpine:init", () => {
        window.Alpine.data("variablesEditor", () => ({
            ...rowsEditor(toRow, fromRow),
            kept() {
                return this.rows.filter((row) => row.name.trim() !== "");
            },
            retype(row) {
                // A choice is there to be drawn from, unless somebody says otherwise.
                row.required = row.required && row.type !== "choice";
                this.write();
            },
        }));
        window.Alpine.data("stepsEditor", () =>
            rowsEditor(
                ({ prompt, fields, ...rest }) => ({ rest, prompt: prompt || "", fields: join(fields) }),
                (row) => ({ ...row.rest, prompt: row.prompt, fields: split(row.fields) })
            )
        );
    });

    document.addEventListener("DOMContentLoaded", () => {
        followVendor();
        followPreset();
        markBusy();
    });
})();
