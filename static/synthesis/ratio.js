// The rows of a ratio task or a mixture: counts follow shares, or shares follow counts, while they are typed.
// Everything here only helps: the server reckons with the same inputs, and its word counts.

(function () {
    "use strict";

    const UNITS = 10000n; // of a percent: shares have four decimals

    // Largest remainder, exact, ties by row order: as synthesis/allocation.py does it.
    function allocate(total, shares) {
        const sum = shares.reduce((left, right) => left + right, 0n);
        if (sum <= 0n) {
            return shares.map(() => 0n);
        }
        const parts = shares.map((share) => (total * share) / sum);
        const rest = shares.map((share, row) => [(total * share) % sum, row]);
        rest.sort((left, right) => (left[0] === right[0] ? left[1] - right[1] : left[0] > right[0] ? -1 : 1));
        let spare = total - parts.reduce((left, right) => left + right, 0n);
        for (const [, row] of rest) {
            if (spare <= 0n) {
                break;
            }
            parts[row] += 1n;
            spare -= 1n;
        }
        return parts;
    }

    function toUnits(text) {
        const found = /^(\d{1,3})(?:\.(\d{0,4})\d*)?$/.exec(text.trim());
        return found ? BigInt(found[1] + (found[2] || "").padEnd(4, "0")) : 0n;
    }

    function fromUnits(units) {
        const decimals = String(units % UNITS).padStart(4, "0").replace(/0+$/, "");
        return String(units / UNITS) + (decimals && "." + decimals);
    }

    function toCount(text) {
        return /^\d{1,8}$/.test(text.trim()) ? BigInt(text.trim()) : 0n;
    }

    function set(input, text) {
        if (input.value !== text) {
            input.value = text;
        }
    }

    function start(table) {
        const prefix = table.dataset.prefix;
        const total = document.getElementById("id_total");
        const split = document.getElementById("id_split");
        const forms = document.getElementById(`id_${prefix}-TOTAL_FORMS`);
        const empty = table.querySelector("template[data-empty-row]");
        const inputs = (name) => [...table.querySelectorAll(`input[name^="${prefix}-"][name$="-${name}"]`)];
        const shares = () => inputs("share").map((input) => toUnits(input.value));
        const counts = () => inputs("count").map((input) => toCount(input.value));
        const sum = (numbers) => numbers.reduce((left, right) => left + right, 0n);

        function show() {
            const all = sum(shares());
            const isWrong = split.value === "shares" && all !== 100n * UNITS;
            table.querySelector("[data-sum=share]").textContent = fromUnits(all) + "%";
            table.querySelector("[data-sum=count]").textContent = String(sum(counts()));
            table.querySelector("[data-sum=problem]").textContent = isWrong
                ? table.dataset.wrongSum.replace("{sum}", fromUnits(all))
                : "";
            showShortages();
        }

        // Of a mixture: how many records a row finds, as the server has counted them.
        function showShortages() {
            table.querySelectorAll("[data-found]").forEach((found) => {
                const count = found.closest("[data-category]").querySelector('input[name$="-count"]');
                found.querySelector("[data-short]").hidden = toCount(count.value) <= BigInt(found.dataset.found);
            });
        }

        function follow() {
            if (split.value === "counts") {
                const numbers = counts();
                set(total, String(sum(numbers)));
                const units = allocate(100n * UNITS, numbers);
                inputs("share").forEach((input, row) => set(input, fromUnits(units[row])));
            } else {
                // Of shares that do not add up yet, each shows what it alone would be.
                const units = shares();
                const wanted = (toCount(total.value) * sum(units)) / (100n * UNITS);
                const numbers = allocate(wanted, units);
                inputs("count").forEach((input, row) => set(input, String(numbers[row])));
            }
            show();
        }

        function splitEvenly() {
            const rows = inputs("share");
            const units = allocate(100n * UNITS, rows.map(() => 1n));
            rows.forEach((input, row) => set(input, fromUnits(units[row])));
            if (split.value === "counts") {
                const numbers = allocate(toCount(total.value), rows.map(() => 1n));
                inputs("count").forEach((input, row) => set(input, String(numbers[row])));
            }
            follow();
        }

        function add() {
            const number = forms.value;
            const copy = document.createElement("table");
            copy.innerHTML = empty.innerHTML.replaceAll("__prefix__", number);
            const row = copy.querySelector("[data-category]");
            table.querySelector("tfoot").before(row);
            forms.value = String(Number(number) + 1);
            window.htmx.process(row);
            follow();
            row.querySelector("input").focus();
        }

        function addModel(mix) {
            const pairs = mix.querySelectorAll("[data-pair]");
            const copy = pairs[pairs.length - 1].cloneNode(true);
            copy.querySelector("select").value = "";
            copy.querySelector("input").value = "1";
            pairs[pairs.length - 1].after(copy);
        }

        table.addEventListener("input", (event) => {
            const name = event.target.name || "";
            if (name.endsWith("-share") || name.endsWith("-count")) {
                split.value = name.endsWith("-share") ? "shares" : "counts";
                follow();
            }
        });
        table.addEventListener("click", (event) => {
            const button = event.target.closest("button");
            if (!button) {
                return;
            }
            if ("remove" in button.dataset) {
                button.closest("[data-category]").remove();
                follow();
            } else if ("add" in button.dataset) {
                add();
            } else if ("splitEvenly" in button.dataset) {
                splitEvenly();
            } else if ("addModel" in button.dataset) {
                addModel(button.closest("[data-mix]"));
            }
        });
        total.addEventListener("input", () => {
            split.value = "shares";
            follow();
        });
        split.addEventListener("change", follow);
        table.addEventListener("htmx:afterSwap", showShortages);
        show();
    }

    document.addEventListener("DOMContentLoaded", () => {
        document.querySelectorAll("[data-categories]").forEach(start);
    });
})();
