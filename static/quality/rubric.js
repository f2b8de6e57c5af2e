// The cards over a rubric's dimensions. They only help: the server reads the JSON beneath them.

(function () {
    "use strict";

    let keys = 0;

    function toRow(given) {
        const { name, weight, description, levels, needs_source: needsSource, ...rest } = given;
        return {
            key: ++keys,
            rest,
            name: name || "",
            weight: weight === undefined ? 1 : weight,
            description: description || "",
            levels: { ...levels },
            needs_source: Boolean(needsSource),
        };
    }

    function number(text) {
        const value = Number(text);
        return String(text).trim() !== "" && Number.isFinite(value) ? value : text;
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
            rows: [],
            isRaw: false,
            isBroken: false,
            init() {
                this.isRaw = !this.read();
            },
            read() {
                let given;
                try {
                    given = JSON.parse(this.$refs.source.value || "[]");
                } catch {
                    given = null;
                }
                const isList = Array.isArray(given) && given.every((row) => row && typeof row === "object" && !Array.isArray(row));
                this.isBroken = !isList;
                if (isList) {
                    this.rows = given.map(toRow);
                }
                return isList;
            },
            write() {
                this.$refs.source.value = JSON.stringify(this.rows.map(fromRow), null, 2);
                this.$refs.source.dispatchEvent(new Event("input", { bubbles: true }));
            },
            add() {
                this.rows.push(toRow({}));
                this.write();
            },
            move(place, step) {
                const [row] = this.rows.splice(place, 1);
                this.rows.splice(place + step, 0, row);
                this.write();
            },
            remove(place) {
                this.rows.splice(place, 1);
                this.write();
            },
            toggle() {
                this.isRaw = this.isRaw ? !this.read() : true;
            },
        }));
    });
})();
