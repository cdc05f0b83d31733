/* The units of the filter as a table below the map. Only the rows in sight are on the page: three thousand open at once. */

const SPARE = 8; // rows kept above and below those in sight

part('panel', 50, (app) => {
  const { units, columns } = app.head;
  let button = null, drawer = null, grid, body, scroller, live, order = [], active = 0, height = 30, from = -1, opener = null, before = null, after = null;

  const fields = () => [
    { by: 'name', wide: 210, text: (unit) => units.name[unit], title: app.t('unit_name') },
    ...(units.provinces.length > 1 ? [{ by: 'province', wide: 150, text: (unit) => units.provinces[units.province[unit]], title: app.t('province') }] : []),
    ...tableColumns(app).map((name) => {
      const column = columns[name], year = app.years(name).includes(app.state.year) ? app.state.year : '';
      const sign = [column.unit ? app.unit(column.unit) : '', year].filter(Boolean).join(', ');
      const number = isNumber(column);
      return { by: name, wide: number ? 118 : 170, number, title: app.pick(column.short), full: app.pick(column.label), sign,
        illustrative: column.illustrative, text: number ? (unit) => figure(name, unit) : (unit) => app.value(name, unit) };
    }),
  ];

  function figure(name, unit) {  // its unit stands in the head of the column
    const value = app.values(name)[unit];
    return value === null ? app.value(name, unit) : app.number(value, app.digits(columns[name]));
  }
  function key(field) {
    if (!columns[field.by]) return field.text;
    const values = app.values(field.by);
    if (typeof values.find((each) => each !== null) === 'string') return (unit) => (values[unit] === null ? null : app.value(field.by, unit));
    return (unit) => (values[unit] === null ? null : Number(values[unit]));
  }
  function arrange() {
    const sort = app.state.table, field = fields().find((each) => each.by === sort.by);
    order = unitsShown(app);
    if (!field) return;
    const { compare } = new Intl.Collator(app.lang, { numeric: true }), way = sort.down ? -1 : 1, of = key(field);
    const keys = units.code.map((code, unit) => of(unit));
    order.sort((a, b) => {  // what is unknown stands last both ways
      const [x, y] = [keys[a], keys[b]];
      if (x === null || y === null) return (x === null) - (y === null) || a - b;
      return way * (typeof x === 'string' ? compare(x, y) : x - y) || a - b;
    });
  }

  function head() {
    const found = fields(), sort = app.state.table, marked = found.some((each) => each.illustrative);
    const cells = found.map((field) => el('th', { scope: 'col', class: field.number ? 'gt-number' : null, title: field.full,
      'aria-sort': field.by === sort.by ? (sort.down ? 'descending' : 'ascending') : 'none' },
      el('button', { type: 'button', value: field.by, onclick: () => by(field.by) }, field.title,
        field.sign ? el('small', {}, ` (${field.sign})`) : '', field.illustrative ? el('span', { class: 'gt-mark' }, ' ◇') : '',
        el('span', { class: 'gt-arrow', 'aria-hidden': 'true' }, field.by === sort.by ? (sort.down ? ' ▼' : ' ▲') : ''))));
    const total = found.reduce((sum, each) => sum + each.wide, 0);
    grid.style.minWidth = `${total}px`;
    grid.querySelector('colgroup').replaceChildren(...found.map((each) => {
      const col = el('col', {});
      col.style.width = `${each.wide}px`;
      return col;
    }));
    grid.querySelector('thead').replaceChildren(el('tr', { 'aria-rowindex': 1 }, ...cells));
    grid.setAttribute('aria-colcount', found.length);
    drawer.querySelector('.gt-marked').textContent = marked ? `◇ ${app.t('illustrative')}` : '';
  }
  function by(name) {
    const { table } = app.state;
    app.set({ table: { by: name, down: table.by === name && !table.down } });
    const again = [...grid.querySelectorAll('thead button')].find((each) => each.value === name);
    if (again) again.focus();
  }

  function refresh() {
    const kept = order[active];
    arrange();
    active = Math.max(0, order.indexOf(kept));
    head();
    grid.setAttribute('aria-rowcount', order.length + 1);
    live.textContent = app.state.shown ? app.t('table_some', { n: app.number(order.length, 0), of: app.number(app.count, 0) })
      : app.t('table_all', { n: app.number(order.length, 0) });
    rows(true);
  }
  // Put the rows in sight on the page; the space of the others is kept by a row above and one below.
  function rows(always) {
    const seen = Math.ceil((scroller.clientHeight || 400) / height), top = Math.min(Math.floor(scroller.scrollTop / height), order.length - seen);
    const first = Math.max(0, top - SPARE);
    if (!always && Math.abs(first - from) < SPARE / 2) return;
    from = first;
    const last = Math.min(order.length, first + seen + 2 * SPARE), found = fields();
    const space = (n) => {
      const cell = el('td', { colspan: found.length });
      cell.style.height = `${n * height}px`;
      return n ? el('tr', { 'aria-hidden': 'true', class: 'gt-space' }, cell) : '';
    };
    body.replaceChildren(...[space(first), ...order.slice(first, last).map((unit, k) => row(found, unit, first + k)),
      space(order.length - last)].filter(Boolean));
    point();
  }
  function row(found, unit, place) {
    return el('tr', { id: 'gt-row-' + place, 'aria-rowindex': place + 2, 'aria-selected': String(unit === app.state.unit) },
      ...found.map((field, k) => {
        const text = field.text(unit), none = text === null;
        return el(k ? 'td' : 'th', { scope: k ? null : 'row', class: [field.number && 'gt-number', none && 'gt-none'].filter(Boolean).join(' ') || null,
          title: text && text.length > 24 ? text : null }, none ? nothing(field.by) : text || '–');
      }));
  }
  const nothing = (name) => app.nothing(app.head.columns[name]);

  function point() {  // the row that the arrows stand on
    for (const each of body.querySelectorAll('.gt-at')) each.classList.remove('gt-at');
    const mine = body.querySelector(`#gt-row-${active}`);
    if (mine) { mine.classList.add('gt-at'); grid.setAttribute('aria-activedescendant', mine.id); }
    else grid.removeAttribute('aria-activedescendant');
  }
  function go(place) {
    if (!order.length) return;
    active = Math.min(order.length - 1, Math.max(0, place));
    const top = active * height, above = grid.querySelector('thead').offsetHeight, seen = scroller.clientHeight - above;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (top + height > scroller.scrollTop + seen) scroller.scrollTop = top + height - seen;
    rows(false);
    point();
  }
  function choose(unit) {
    if (unit === undefined) return;
    if (getComputedStyle(drawer).position === 'fixed') close(false); // it covers the map
    app.set({ unit: null });
    app.set({ unit, at: null, near: true });
  }
  function keyed(event) {
    const page = Math.max(1, Math.floor(scroller.clientHeight / height) - 2);
    const to = { ArrowDown: active + 1, ArrowUp: active - 1, PageDown: active + page, PageUp: active - page, Home: 0, End: order.length - 1 };
    if (event.key === 'Escape') { event.stopPropagation(); return close(true); }
    if (event.target !== grid) return;
    if (event.key in to) { event.preventDefault(); go(to[event.key]); }
    if (event.key === 'Enter') { event.preventDefault(); choose(order[active]); }
  }

  function build() {
    live = el('span', { role: 'status' });
    body = el('tbody', {});
    grid = el('table', { role: 'grid', tabindex: 0, 'aria-label': app.t('table') }, el('colgroup', {}), el('thead', {}), body);
    grid.addEventListener('mousedown', (event) => {
      const mine = event.target.closest('tbody tr[id]');
      if (mine) { active = +mine.id.slice(7); point(); }
    });
    grid.addEventListener('click', (event) => { if (event.target.closest('tbody tr[id]')) choose(order[active]); });
    scroller = el('div', { class: 'gt-rows' }, grid);
    scroller.addEventListener('scroll', () => requestAnimationFrame(() => drawer && rows(false)));
    drawer = el('section', { class: 'gt-table', role: 'dialog', 'aria-label': app.t('table'), onkeydown: keyed },
      el('div', { class: 'gt-bar-top' }, el('h2', {}, live), el('span', { class: 'gt-fine' }, app.t('table_hint')), el('span', { class: 'gt-marked gt-mark' }),
        el('button', { type: 'button', class: 'gt-button', onclick: () => close(true) }, app.t('close'))),
      scroller);
  }
  function open() {
    opener = document.activeElement;
    app.set({ table: { by: null, down: false } });
    grid.focus({ preventScroll: true });
  }
  function show() {
    const box = app.map.getBounds();
    build();
    app.map.getContainer().parentNode.append(drawer);
    refresh();
    const mine = body.querySelector('tr[id]');
    if (mine && mine.offsetHeight !== height) { height = mine.offsetHeight; rows(true); }
    before = { centre: app.map.getCenter(), zoom: app.map.getZoom() };
    requestAnimationFrame(() => { if (drawer) resize(box); }); // the table first, then the map
  }
  function close(back) {
    app.set({ table: null });
    if (back) (opener && opener.isConnected && opener !== document.body ? opener : button).focus();
  }
  function hide() {
    drawer.remove();
    drawer = null;
    resize(null);
  }
  function resize(box) {  // the same land stays in sight in what is left of the map
    const { map } = app, size = map.getSize();
    map.invalidateSize({ animate: false });
    if (map.getSize().equals(size) || app.state.unit !== null) return; // where a card is open, it stays in sight
    if (box) {
      showAgain(app, box);
      after = map.getCenter();
    } else if (map.getCenter().equals(after, 1e-3)) map.setView(before.centre, before.zoom, { animate: false });
  }
  const told = () => button.setAttribute('aria-expanded', String(Boolean(drawer)));

  return {
    draw() {
      button = el('button', { type: 'button', class: 'gt-button gt-half gt-table-button', 'aria-expanded': 'false',
        onclick: () => (app.state.table ? close(true) : open()) }, app.t('table'));
      if (drawer) { const was = drawer; build(); was.replaceWith(drawer); refresh(); told(); }
      return button;
    },
    update(changed) {
      const { table } = app.state;
      if (changed.has('table')) {
        if (table && !drawer) show(); else if (table) refresh(); else if (drawer) hide();
        told();
      }
      if (!drawer) return;
      if (['shown', 'layer', 'year'].some((each) => changed.has(each))) refresh();
      else if (changed.has('unit')) rows(true);
    },
  };
});
