// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sorting and filtering for the report's tables; the pages say everything without it. What is filtered
// stands in the address (#pm=none&text=realtek), so that a view can be passed on.
'use strict';

const pmWords = ['full', 'core', 'suspend-only', 'resume-only', 'runtime-only', 'none', 'unknown'];
const collator = new Intl.Collator('en', {numeric: true});

function cellKey(row, column) {
  return row.cells[column].innerText.trim();
}

function sortBy(table, column, descending) {
  const body = table.tBodies[0];
  const numeric = table.tHead.rows[0].cells[column].classList.contains('number');
  const keyed = [...body.rows].map(row => {
    const text = cellKey(row, column);
    return {row, key: numeric ? parseFloat(text) || 0 : text};
  });
  const compare = numeric ? (a, b) => a.key - b.key : (a, b) => collator.compare(a.key, b.key);
  keyed.sort((a, b) => descending ? compare(b, a) : compare(a, b));
  body.append(...keyed.map(entry => entry.row));
  [...table.tHead.rows[0].cells].forEach((head, index) => {
    if (index === column)
      head.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
    else
      head.removeAttribute('aria-sort');
  });
}

function makeSortable(table) {
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    if ('nosort' in head.dataset)
      return;
    const button = document.createElement('button');
    button.type = 'button';
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener('click', () => {
      // Counts are read from the largest, names from the first.
      const numeric = head.classList.contains('number');
      const current = head.getAttribute('aria-sort');
      sortBy(table, column, current ? current === 'ascending' : numeric);
    });
  });
}

function makeFilterable(table) {
  const rows = [...table.tBodies[0].rows];
  const words = new Map();
  for (const row of rows)
    if (row.dataset.pm)
      words.set(row.dataset.pm, (words.get(row.dataset.pm) || 0) + 1);
  const findings = rows.filter(row => 'finding' in row.dataset).length;
  if (findings)
    words.set('finding', findings);

  const state = new URLSearchParams(location.hash.slice(1));
  const bar = document.createElement('div');
  bar.className = 'filter';
  const input = document.createElement('input');
  input.type = 'search';
  input.placeholder = 'filter: name, file, function';
  input.setAttribute('aria-label', 'Filter the rows by text');
  input.value = state.get('text') || '';
  const shown = document.createElement('span');
  shown.className = 'soft';
  shown.setAttribute('aria-live', 'polite');
  let word = state.get('pm') || '';

  const order = [...pmWords, 'finding'];
  const chips = [...words].sort((a, b) => order.indexOf(a[0]) - order.indexOf(b[0])).map(([name, count]) => {
    const chip = document.createElement('button');
    chip.type = 'button';
    chip.textContent = `${name} ${count}`;
    chip.addEventListener('click', () => { word = word === name ? '' : name; apply(true); });
    return {name, chip};
  });

  function apply(record) {
    const needle = input.value.toLowerCase();
    let count = 0;
    for (const row of rows) {
      const fits = !word || row.dataset.pm === word || (word === 'finding' && 'finding' in row.dataset);
      row.hidden = !(fits && (!needle || row.textContent.toLowerCase().includes(needle)));
      count += !row.hidden;
    }
    for (const {name, chip} of chips)
      chip.setAttribute('aria-pressed', name === word);
    shown.textContent = `${count} of ${rows.length} rows`;
    if (record) {
      const next = new URLSearchParams();
      if (word)
        next.set('pm', word);
      if (input.value)
        next.set('text', input.value);
      history.replaceState(null, '', next.size ? '#' + next : location.pathname + location.search);
    }
  }

  input.addEventListener('input', () => apply(true));
  bar.append(input, ...chips.map(entry => entry.chip), shown);
  (table.parentElement.classList.contains('wide') ? table.parentElement : table).before(bar);
  apply(false);
}

document.querySelectorAll('table.sortable').forEach(makeSortable);
// Only tables that do not fit a screen are worth a filter.
document.querySelectorAll('table.filterable').forEach(table => {
  if (table.tBodies[0].rows.length > 5)
    makeFilterable(table);
});
