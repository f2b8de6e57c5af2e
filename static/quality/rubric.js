// The cards over a rubric's dimensions. They only help: the server reads the JSON beneath them.

(function () {
    "use strict";

    const { number, rowsEditor } = window.dataMate;

    function toRow(given) {
        const { name, weight, description, levels, needs_source: needsSource, ...rest } = given;
        return {
            rest,
            name: name || "",
            weight: weight === undefined ? 1 : weight,
            description: description || "",
            levels: { ...levels },
            needs_source: Boolean(needsSource),
        };
    }

    function fromRow(row) {
        return {
            ...row.rest,
            name: row.name.trim(),
            weight: number(row.weight),
            description: row.description,
            levels: row.levels,
            needs_source: row.needs_source,
        };
    }

    document.addEventListener("alpine:init", () => {
        window.Alpine.data("dimensionsEditor", () => ({
            ...rowsEditor(toRow, fromRow),
            move(place, step) {
                const [row] = this.rows.splice(place, 1);
                this.rows.splice(place + step, 0, row);
                this.write();
            },
        }));
    });
})();
