// The form of a source: shows what fits the kind, and the first chunks while settings change.
// It sends the first file only, and of a long text its beginning; the server stores nothing.

(function () {
    "use strict";

    const BEGINNING_BYTES = 512 * 1024;
    const DELAY_MILLISECONDS = 400;
    const MEGABYTE = 1024 * 1024;

    function show(form, name, isShown) {
        const row = form.querySelector(`.field-${name}`);
        if (row) {
            row.hidden = !isShown;
        }
    }

    function arrange(form, value) {
        const isRows = value("kind") === "rows";
        show(form, "dataset", isRows);
        show(form, "cut", !isRows);
        show(form, "chunk_characters", !isRows);
        show(form, "overlap_characters", !isRows && value("cut") !== "paragraph");
        show(form, "delimiter", !isRows && value("cut") === "delimiter");
    }

    function suffixOf(file) {
        return `.${file.name.split(".").pop()}`.toLowerCase();
    }

    // A file as the preview takes it; null for one that is too large and useless in part.
    function sample(file, input) {
        if (input.dataset.texts.split(",").includes(suffixOf(file))) {
            return new File([file.slice(0, BEGINNING_BYTES)], file.name);
        }
        return file.size > input.dataset.previewMegabytes * MEGABYTE ? null : file;
    }

    // Said before hours of upload, which the server would refuse, and the browser forget.
    function refusal(input, kind) {
        const { megabytes, mostFiles, refusal: tooLarge, tooMany } = input.dataset;
        const files = Array.from(input.files);
        if (files.length > mostFiles) {
            return tooMany;
        }
        const known = input.dataset[kind].split(",");
        const unknown = files.find((file) => !known.includes(suffixOf(file)));
        if (unknown) {
            return `${unknown.name}: ${input.dataset[`${kind}Refusal`].replace(".*", () => suffixOf(unknown))}`;
        }
        return files.some((file) => file.size > megabytes * MEGABYTE) ? tooLarge : "";
    }

    function start(input) {
        const form = input.form;
        const panel = document.getElementById("source-preview");
        const value = (name) => form.elements[`source-${name}`].value;
        const names = document.createElement("p"); // Unfold's widget names the first file only
        let timer = 0;
        let latest = 0;

        async function refresh() {
            const number = ++latest;
            const data = new FormData(form);
            data.delete(input.name);
            if (input.files.length) {
                const part = sample(input.files[0], input);
                if (part === null) {
                    panel.textContent = input.dataset.previewRefusal;
                    return;
                }
                data.append(input.name, part);
            }
            const answer = await fetch(input.dataset.preview, { method: "POST", body: data });
            const html = await answer.text();
            if (number === latest && answer.ok) {
                panel.innerHTML = html;
            }
        }

        function changed(event) {
            arrange(form, value);
            input.setCustomValidity(refusal(input, value("kind")));
            if (!input.checkValidity()) {
                // Saying so takes the focus: not from who types elsewhere.
                if (event.target === input || event.target.name === "source-kind") {
                    input.reportValidity();
                }
                return;
            }
            names.textContent = input.files.length > 1 ? Array.from(input.files, (file) => file.name).join(", ") : "";
            clearTimeout(timer);
            timer = setTimeout(refresh, DELAY_MILLISECONDS);
        }

        arrange(form, value);
        panel.before(names);
        form.addEventListener("input", changed);
        form.addEventListener("change", changed);
        refresh();
    }

    document.addEventListener("DOMContentLoaded", () => {
        const input = document.querySelector("input[type=file][data-preview]");
        if (input) {
            start(input);
        }
    });
})();
