/* Two layers, or two years of one, side by side: a divider over the map, the second choice right of it. */

part('panel', 32, (app) => {
  const STEP = 2; // percent of the width of the map that an arrow key moves the divider
  const { map, head } = app;
  let box = null, side = null, canvas = null, bar = null, tags = null;

  const right = () => head.layers[app.state.right.layer];
  const titled = (layer, year) => [app.pick(layer.short), stopsOf(app, layer).length ? stopName(app, layer, year) : ''].filter(Boolean).join(' · ');
  function begin() {
    const { layer, year } = app.state, stops = stopsOf(app, app.layer);
    // A layer with years: the first of them beside the newest; else the next layer.
    if (stops.length > 1) app.set({ year: year === null ? stops[0] : year, right: { layer, year: null } });
    else app.set({ right: { layer: (layer + 1) % head.layers.length, year: null } });
    bar.focus();
  }
  function end() {
    const inside = box.contains(document.activeElement) || document.activeElement === bar, { layer, right: beside } = app.state;
    app.set({ right: null, divider: null, ...(beside.layer === layer ? { year: beside.year } : {}) });
    if (inside) box.querySelector('button').focus();
  }
  const escape = (event) => { if (event.key === 'Escape' && app.state.right) { event.stopPropagation(); end(); } };

  function show() {
    if (!map.getPane('gt-right')) Object.assign(map.createPane('gt-right').style, { zIndex: 395, pointerEvents: 'none' });
    canvas = new CoverageCanvas(app.ground.coverage, { pane: 'gt-right', groups: head.units.province, around: false });
    const frame = map.getContainer(), drag = (event) => {
      const edge = frame.getBoundingClientRect();
      if (bar.hasPointerCapture(event.pointerId)) move((100 * (event.clientX - edge.left)) / edge.width);
    };
    bar = el('div', { class: 'gt-divider', role: 'slider', tabindex: 0, 'aria-orientation': 'horizontal', 'aria-valuemin': 0, 'aria-valuemax': 100,
      onkeydown: key, onpointermove: drag, onpointerdown: (event) => { bar.setPointerCapture(event.pointerId); bar.focus({ preventScroll: true }); } });
    tags = [0, 1].map((k) => el('div', { class: `gt-side gt-side-${k}` }));
    frame.append(...tags, bar);
    L.DomEvent.disableClickPropagation(bar);
    map.on('move zoomend resize viewreset', clip);
  }
  // Half of the units in sight stand on each side: the middle of the map may be sea.
  function middle() {
    const view = map.getBounds(), places = head.units.code.map((_, unit) => app.ground.place(unit)).filter((place) => place && view.contains(place))
      .map((place) => map.latLngToContainerPoint(place).x).sort((a, b) => a - b);
    const half = places.length ? (100 * places[places.length >> 1]) / map.getSize().x : 50;
    return Math.round(Math.min(85, Math.max(15, half)));
  }
  function hide() {
    map.off('move zoomend resize viewreset', clip);
    for (const each of [canvas, bar, ...tags]) each.remove();
    canvas = null;
  }
  function key(event) {
    const at = app.state.divider, to = { ArrowLeft: at - STEP, ArrowDown: at - STEP, ArrowRight: at + STEP, ArrowUp: at + STEP, Home: 0, End: 100,
      PageDown: at - 5 * STEP, PageUp: at + 5 * STEP }[event.key];
    if (event.key === 'Escape') escape(event);
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation(); // the map would pan
    move(to);
  }
  const move = (to) => app.set({ divider: Math.round(Math.min(100, Math.max(0, to)) * 10) / 10 });
  function clip() {
    const at = app.state.divider, size = map.getSize(), x = (size.x * at) / 100;
    const corner = map.containerPointToLayerPoint([0, 0]), far = map.containerPointToLayerPoint(size);
    map.getPane('gt-right').style.clip = `rect(${corner.y}px, ${far.x}px, ${far.y}px, ${corner.x + x}px)`;
    bar.style.left = `${x}px`;
    bar.setAttribute('aria-valuenow', Math.round(at));
    bar.setAttribute('aria-valuetext', app.t('swipe_at', { n: app.number(at, 0) }));
    tags[0].style.right = `${size.x - x + 12}px`;
    tags[1].style.left = `${x + 12}px`;
  }
  function paint() {
    const { year } = app.state.right;
    canvas.paint(app.ground.fills(app.classes(right(), year)), app.state.shown).addTo(map);
    bar.setAttribute('aria-label', app.t('swipe_bar'));
    tags[0].textContent = titled(app.layer, app.state.year);
    tags[1].textContent = titled(right(), year);
    clip();
  }

  function choices() {
    const { layer, year } = app.state.right, stops = stopsOf(app, right());
    const choose = (chosen, which) => { app.set({ right: chosen }); box.querySelectorAll('select')[which].focus(); };
    const layers = el('select', { 'aria-label': app.t('swipe_layer'), onchange: () => {
      const number = +layers.value;
      choose({ layer: number, year: stopsOf(app, head.layers[number]).includes(year) ? year : null }, 0);
    } }, ...groupsOf(app).map(([label, numbers]) => el('optgroup', { label }, ...numbers.map((number) =>
      el('option', { value: number, selected: number === layer }, app.pick(head.layers[number].short))))));
    const years = stops.length < 2 ? '' : el('select', { 'aria-label': app.t('swipe_year'),
      onchange: () => choose({ layer, year: stops[years.selectedIndex] }, 1) },
      ...stops.map((stop) => el('option', { selected: stop === year }, stopName(app, right(), stop))));
    return el('div', { class: 'gt-right' }, el('p', { class: 'gt-heading' }, app.t('swipe_right')), el('div', { class: 'gt-values' }, layers, years),
      side = el('section', { class: 'gt-legend', 'aria-label': app.t('swipe_legend') }), el('p', { class: 'gt-fine' }, app.t('swipe_hint')));
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
      if (chosen) app.state.divider ??= middle();
      if (changed.has('right')) {
        if (chosen && !canvas) show();
        if (!chosen && canvas) hide();
        fill();
      }
      if (!chosen) return;
      if (['right', 'layer', 'year', 'shown'].some((each) => changed.has(each))) paint();
      if (changed.has('divider')) clip();
      if (changed.has('shown')) legend();
    },
  };
});
