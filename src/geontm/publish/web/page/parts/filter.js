/* The filter: conditions joined by AND. What is unknown satisfies no condition on a value; it can be asked for by name.

   A condition is { column, op, value, other }; `op` is a word of COMPARE, `is` (a value by name) or `none` (no figure).
   The column PLACE stands for the province. */

const MOST_CHIPS = 6;
const SIGNS = { lt: '<', le: '≤', ge: '≥', gt: '>' };

part('panel', 40, (app) => {
  const { columns, layers, units } = app.head;
  const offered = [...new Set([...layers.flatMap((layer) => layer.columns), ...app.head.popup])]
    .filter((name) => columns[name] && (isNumber(columns[name]) || choices(name).length));
  const chips = offered.filter((name) => columns[name].type === 'boolean').slice(0, MOST_CHIPS);
  let box, list, summary, live, said, own = false, waiting = null;

  function choices(name) {
    if (name === PLACE) return units.provinces.map((each) => [each, each]).sort((a, b) => a[0].localeCompare(b[0], app.lang));
    const column = columns[name], named = Object.keys(column.choices);
    if (column.type === 'boolean') return ['true', 'false'].map((each) => [each, app.t(each === 'true' ? 'yes' : 'no')]);
    return named.map((each) => [each, app.pick(column.choices[each])]);
  }
  const titled = (name) => (name === PLACE ? app.t('province') : app.pick(columns[name].short));
  const complete = ({ op, value, other }) => !COMPARE[op] || (value !== null && (op !== 'in' || other !== null));
  const first = (name) => (name !== PLACE && isNumber(columns[name]) ? { column: name, op: 'lt', value: null, other: null }
    : { column: name, op: 'is', value: choices(name)[0][0], other: null });

  // 1: satisfied, 0: not, 2: unknown.
  function answers({ column, op, value, other }) {
    if (column === PLACE) return units.province.map((number) => +(units.provinces[number] === value));
    return Array.from(app.values(column), (found) => {
      if (op === 'none') return +(found === null);
      if (found === null) return 2;
      if (op === 'is') return +(String(found) === value || String(found).split(', ').includes(value));
      return +COMPARE[op](found, value, other);
    });
  }
  function apply() {
    const conditions = app.state.conditions.filter(complete), all = conditions.map(answers);
    let known = 0, open = 0;
    const shown = all.length ? new Uint8Array(app.count) : null;
    if (shown) for (let unit = 0; unit < app.count; unit++) {
      const least = all.some((each) => each[unit] === 0) ? 0 : all.some((each) => each[unit] === 2) ? 2 : 1;
      shown[unit] = +(least === 1);
      known += +(least === 1);
      open += +(least === 2);
    }
    app.set({ shown });
    tell(conditions.length, known, open);
  }
  function tell(number, known, open) {
    const left = app.state.conditions.length - number;
    const lines = [number ? app.t('filter_count', { n: app.number(known, 0), of: app.number(app.count, 0) }) : app.t('filter_none')];
    if (open) lines.push(app.t('filter_open', { n: app.number(open, 0) }));
    if (left) lines.push(app.t('filter_incomplete', { n: left }));
    live.textContent = lines.join(' ');
    summary.textContent = number ? app.t('filter_on', { n: number }) : '';
    said.textContent = number ? `${app.t('filter_said', { conditions: app.state.conditions.filter(complete).map(sentence)
      .join(` ${app.t('and')} `) })} ${lines.slice(0, open ? 2 : 1).join(' ')}` : '';
    box.querySelector('.gt-clear').hidden = !app.state.conditions.length;
    for (const chip of box.querySelectorAll('.gt-chips button')) chip.setAttribute('aria-pressed', String(chipped(chip.value) >= 0));
  }
  function sentence({ column, op, value, other }) {
    const year = column !== PLACE && app.years(column).includes(app.state.year) ? ` ${app.state.year}` : '';
    const name = titled(column) + year, sign = column === PLACE ? '' : app.sign(columns[column]), n = (each) => app.number(each, 6);
    if (op === 'none') return `${name}: ${app.nothing(columns[column])}`;
    if (op === 'is') return `${name}: ${(choices(column).find((each) => each[0] === value) || [value, value])[1]}`;
    return op === 'in' ? `${name} ${n(value)}–${n(other)}${sign}` : `${name} ${SIGNS[op]} ${n(value)}${sign}`;
  }

  const chipped = (name) => app.state.conditions.findIndex((each) => each.column === name && each.op === 'is' && each.value === 'true');
  function toggle(name) {
    const at = chipped(name), { conditions } = app.state;
    app.set({ conditions: at >= 0 ? conditions.filter((each, k) => k !== at)
      : [...conditions, { column: name, op: 'is', value: 'true', other: null }] });
  }
  function edit(number, change, focused) { // a change in the middle of typing leaves the row as it is
    own = !focused;
    app.set({ conditions: app.state.conditions.map((each, k) => (k === number ? { ...each, ...change } : each)) });
    own = false;
    if (focused) focusOn(`li:nth-child(${number + 1}) ${focused}`);
  }
  function add() {
    const wanted = app.layer.column, name = offered.includes(wanted) ? wanted : offered[0] || PLACE;
    app.set({ conditions: [...app.state.conditions, first(name)] });
    focusOn('li:last-child select');
  }
  function remove(number) {
    app.set({ conditions: app.state.conditions.filter((each, k) => k !== number) });
    const left = app.state.conditions.length;
    focusOn(left ? `li:nth-child(${Math.min(number + 1, left)}) .gt-remove` : '.gt-add');
  }
  const focusOn = (what) => { const node = box.querySelector(what); if (node) node.focus(); };

  function row(condition, number) {
    const label = (key) => `${app.t(key)} (${app.t('condition', { n: number + 1 })})`;
    const options = (pairs, chosen) => pairs.map(([value, text]) => el('option', { value, selected: value === chosen }, text));
    const names = [...(units.provinces.length > 1 ? [PLACE] : []), ...offered], kinds = [
      ['filter_kinds', names.filter((name) => name === PLACE || !isNumber(columns[name]))],
      ['filter_numbers', names.filter((name) => name !== PLACE && isNumber(columns[name]))]];
    const column = el('select', { 'aria-label': label('filter_column'), onchange: () => edit(number, first(column.value), '.gt-which select') },
      ...kinds.filter(([, group]) => group.length).map(([key, group]) => el('optgroup', { label: app.t(key) },
        ...options(group.map((name) => [name, titled(name)]), condition.column))));
    return el('li', {}, el('div', { class: 'gt-which' }, column, el('button', { type: 'button', class: 'gt-button gt-remove',
      'aria-label': label('filter_remove'), onclick: () => remove(number) }, '×')),
    el('div', { class: 'gt-values' }, ...controls(condition, number, label, options)));
  }
  function controls({ column, op, value, other }, number, label, options) {
    const named = column === PLACE || !isNumber(columns[column]), gap = column === PLACE ? [] : [['none', app.nothing(columns[column])]];
    if (named) {
      const chosen = el('select', { 'aria-label': label('filter_value'), onchange: () => edit(number,
        chosen.selectedIndex === choices(column).length ? { op: 'none', value: null } : { op: 'is', value: chosen.value }) },
        ...options(choices(column), op === 'is' ? value : null), ...options(gap, op));
      return [chosen];
    }
    const compared = el('select', { 'aria-label': label('filter_compare'), onchange: () => edit(number, { op: compared.value }, '.gt-values select') },
      ...options([...Object.keys(COMPARE).map((each) => [each, app.t('compare_' + each)]), ...gap], op));
    if (op === 'none') return [compared];
    const sign = app.sign(columns[column]).trim();
    return [compared, figure(number, 'value', value, label(op === 'in' ? 'filter_low' : 'filter_figure')),
      op === 'in' ? figure(number, 'other', other, label('filter_high')) : '', sign ? el('span', {}, sign) : ''];
  }
  function figure(number, key, value, label) {
    const input = el('input', { type: 'text', inputmode: 'decimal', autocomplete: 'off', 'aria-label': label,
      value: value === null ? '' : app.number(value, 6) });
    const read = () => {
      const found = app.read(input.value);
      input.setAttribute('aria-invalid', String(input.value.trim() !== '' && found === null));
      if (app.state.conditions[number] && app.state.conditions[number][key] !== found) edit(number, { [key]: found });
    };
    input.addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(read, 180); });
    input.addEventListener('change', () => { clearTimeout(waiting); read(); });
    return input;
  }
  const rows = () => list.replaceChildren(...app.state.conditions.map(row));

  return {
    draw() {
      const open = app.state.conditions.length > 0 || Boolean(box && box.querySelector('details').open);
      list = el('ol', { class: 'gt-conditions' });
      live = el('p', { class: 'gt-live', role: 'status' });
      said = el('p', { class: 'gt-said' });
      summary = el('span', {});
      box = el('section', { class: 'gt-filter', 'aria-label': app.t('filter') },
        el('details', { open }, el('summary', {}, app.t('filter'), summary),
          chips.length ? el('div', { class: 'gt-chips', role: 'group', 'aria-label': app.t('filter_quick') },
            ...chips.map((name) => el('button', { type: 'button', class: 'gt-button', value: name, 'aria-pressed': 'false',
              onclick: () => toggle(name) }, titled(name)))) : '',
          list,
          el('div', { class: 'gt-actions' },
            el('button', { type: 'button', class: 'gt-add gt-button', onclick: add }, app.t('filter_add')),
            el('button', { type: 'button', class: 'gt-clear gt-button', onclick: () => { app.set({ conditions: [] }); focusOn('.gt-add'); } },
              app.t('filter_clear'))),
          live, el('p', { class: 'gt-fine' }, app.t('filter_hint'))), said);
      rows();
      const { shown } = app.state;
      if (shown || app.state.conditions.length) apply(); else tell(0, 0, 0);
      return box;
    },
    update(changed) {
      if (changed.has('conditions') && !own) rows();
      if (changed.has('conditions') || (changed.has('year') && app.state.conditions.length)) apply();
    },
  };
});
