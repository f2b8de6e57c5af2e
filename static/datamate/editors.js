// Rows over a JSON list, in a table or on cards. They only help: the server reads the JSON beneath.

(function () {
    "use strict";

    let keys = 0;

    function number(text) {
        const value = Number(text);
        return String(text).trim() !== "" && Number.isFinite(value) ? value : text;
    }

    // What an editor has of itself: toRow and fromRow change an entry of the list to a row and back.
    function rowsEditor(toRow, fromRow) {
        const keyed = (given) => ({ key: ++keys, ...toRow(given) });
        return {
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
                    this.rows = given.map(keyed);
                }
                return isList;
            },
            kept() {
                return this.rows;
            },
            write() {
                this.$refs.source.value = JSON.stringify(this.kept().map(fromRow), null, 2);
                this.$refs.source.dispatchEvent(new Event("input", { bubbles: true }));
            },
            add() {
                this.rows.push(keyed({}));
                this.write();
            },
            remove(place) {
                this.rows.splice(place, 1);
                this.write();
            },
            toggle() {
                this.isRaw = this.isRaw ? !this.read() : true;
            },
        };
    }

    window.dataMate = { number, rowsEditor };
})();
