/* Two layers, or two years of one, side by side: a divider over the map, the second choice right of it. */

part('panel', 32, (app) => {
  const STEP = 2; // percent of the map's width that an arrow key moves the divider
  const { map, head } = app;
  let box = null, side = null, canvas = null, pane = null, bar = null, tags = null, at = 50;

  const right = () => head.layers[app.state.right.layer];
  function begin() {
    const { layer, year } = app.state, stops = stopsOf(app, app.layer);
    // A layer with years: the first of them beside the newest; else the next layer.
    if (stops.length > 1) app.set({ year: year === null ? stops[0] : year, right: { layer, year: null } });
    else app.set({ right: { layer: (layer + 1) % head.layers.length, year: null } });
    bar.focus();
  }
  function end() {
    const inside = box.contains(document.activeElement) || document.activeElement === bar;
    const { layer, right: beside } = app.state;
    app.set({ right: null, ...(beside.layer === layer ? { year: beside.year } : {}) });
    if (inside) box.querySelector('button').focus();
  }
  const escape = (event) => { if (event.key === 'Escape' && app.state.right) { event.stopPropagation(); end(); } };

  function show() {
    if (!pane) {
      pane = map.createPane('gt-right');
      pane.style.zIndex = 395;
      pane.style.pointerEvents = 'none';
    }
    canvas = new CoverageCanvas(app.ground.coverage, { pane: 'gt-right', groups: head.units.province, around: false });
    bar = el('div', { class: 'gt-divider', role: 'slider', tabindex: '0', 'aria-orientation': 'horizontal', 'aria-valuemin': '0',
      'aria-valuemax': '100', onkeydown: key });
    tags = [0, 1].map((k) => el('div', { class: `gt-side gt-side-${k}` }));
    const frame = map.getContainer();
    frame.append(...tags, bar);
    bar.addEventListener('pointerdown', (event) => {
      bar.setPointerCapture(event.pointerId);
      bar.focus({ preventScroll: true });
    });
    bar.addEventListener('pointermove', (event) => {
      if (!bar.hasPointerCapture(event.pointerId)) return;
      const edge = frame.getBoundingClientRect();
      move((100 * (event.clientX - edge.left)) / edge.width);
    });
    L.DomEvent.disableClickPropagation(bar);
    map.on('move zoomend resize viewreset', clip);
    at = middle();
  }
  // Half of the units in sight stand on each side: the middle of the map may be sea.
  function middle() {
    const view = map.getBounds(), width = map.getSize().x;
    const places = head.units.code.map((_, unit) => app.ground.place(unit)).filter((place) => place && view.contains(place))
      .map((place) => map.latLngToContainerPoint(place).x).sort((a, b) => a - b);
    const half = places.length ? (100 * places[places.length >> 1]) / width : 50;
    return Math.round(Math.min(85, Math.max(15, half)));
  }
  function hide() {
    map.off('move zoomend resize viewreset', clip);
    canvas.remove();
    for (const node of [bar, ...tags]) node.remove();
    canvas = bar = tags = null;
  }
  function key(event) {
    const to = { ArrowLeft: at - STEP, ArrowDown: at - STEP, ArrowRight: at + STEP, ArrowUp: at + STEP, Home: 0, End: 100,
      PageDown: at - 5 * STEP, PageUp: at + 5 * STEP }[event.key];
    if (event.key === 'Escape') escape(event);
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation(); // the map would pan
    move(to);
  }
  function move(to) {
    at = Math.round(Math.min(100, Math.max(0, to)) * 10) / 10;
    clip();
  }
  function clip() {
    const size = map.getSize(), x = (size.x * at) / 100, corner = map.containerPointToLayerPoint([0, 0]), end = map.containerPointToLayerPoint(size);
    pane.style.clip = `rect(${corner.y}px, ${end.x}px, ${end.y}px, ${corner.x + x}px)`;
    bar.style.left = `${x}px`;
    bar.setAttribute('aria-valuenow', String(Math.round(at)));
    bar.setAttribute('aria-valuetext', app.t('swipe_at', { n: app.number(at, 0) }));
    tags[0].style.right = `${size.x - x + 12}px`;
    tags[1].style.left = `${x + 12}px`;
  }
  const titled = (layer, year) => [app.pick(layer.short), stopsOf(app, layer).length ? stopName(app, layer, year) : ''].filter(Boolean).join(' · ');
  function paint() {
    const { year } = app.state.right, fills = app.ground.fills(app.classes(right(), year));
    canvas.paint(fills, app.state.shown);
    if (!canvas._map) canvas.addTo(map);
    bar.setAttribute('aria-label', app.t('swipe_bar'));
    tags[0].textContent = titled(app.layer, app.state.year);
    tags[1].textContent = titled(right(), year);
    clip();
  }

  function choices() {
    const { layer, year } = app.state.right, groups = new Map();
    head.layers.forEach((each, number) => {
      const name = app.pick(each.group) || app.t('indicators');
      groups.set(name, [...(groups.get(name) || []), el('option', { value: number, selected: number === layer }, app.pick(each.short))]);
    });
    const layers = el('select', { 'aria-label': app.t('swipe_layer'), onchange: () => {
      const stops = stopsOf(app, head.layers[+layers.value]);
      app.set({ right: { layer: +layers.value, year: stops.includes(year) ? year : null } });
      box.querySelector('select').focus();
    } }, ...[...groups].map(([name, options]) => el('optgroup', { label: name }, ...options)));
    const stops = stopsOf(app, right());
    const years = stops.length < 2 ? '' : el('select', { 'aria-label': app.t('swipe_year'), onchange: () => {
      app.set({ right: { layer, year: stops[years.selectedIndex] } });
      box.querySelector('select:last-of-type').focus();
    } }, ...stops.map((stop) => el('option', { selected: stop === year }, stopName(app, right(), stop))));
    return el('div', { class: 'gt-right' }, el('p', { class: 'gt-right-title' }, app.t('swipe_right')),
      el('div', { class: 'gt-values' }, layers, years),
      side = el('section', { class: 'gt-legend', 'aria-label': app.t('swipe_legend') }),
      el('p', { class: 'gt-fine' }, app.t('swipe_hint')));
  }
  function fill() {
    const on = app.state.right !== null;
    box.replaceChildren(el('button', { type: 'button', class: 'gt-button gt-swipe-button', 'aria-pressed': String(on),
      onclick: () => (app.state.right ? end() : begin()) }, app.t(on ? 'swipe_end' : 'swipe')), ...(on ? [choices()] : []));
    if (on) legend();
  }
  function legend() { side.replaceChildren(...legendOf(app, right(), app.state.right.year)); }

  return {
    draw() {
      box = el('section', { class: 'gt-swipe', 'aria-label': app.t('swipe'), onkeydown: escape });
      if (head.layers.length < 2 && stopsOf(app, head.layers[0]).length < 2) { box.hidden = true; return box; }
      fill();
      if (canvas) paint();
      return box;
    },
    update(changed) {
      const { right: chosen } = app.state;
      if (changed.has('right')) {
        if (chosen && !canvas) show();
        if (!chosen && canvas) hide();
        fill();
      }
      if (!chosen) return;
      if (['right', 'layer', 'year', 'shown'].some((each) => changed.has(each))) paint();
      if (changed.has('shown')) legend();
    },
  };
});
