/* Years: a slider through those of the chosen layer, and what a figure did over them. Classes are common to all years. */

// The values of a column by year: unpacked when first asked for (columns.py: packed_years).
function seriesOf(column) {
  if (!column.unpacked) {
    const { years, digits, steps } = column.series, scale = 10 ** digits;
    const last = column.values.map((value) => (value === null ? 0 : Math.round(value * scale)));
    column.unpacked = {};
    [...years].reverse().forEach((year, k) => {
      column.unpacked[year] = steps[k].map((step, unit) => (step === null || digits === null ? step : (last[unit] += step) / scale));
    });
  }
  return column.unpacked;
}

// Where the slider stops: the years; null for the newest figure of each unit, where that is not the last year of all.
function stopsOf(app, layer) {
  const column = app.head.columns[layer.column], years = app.years(layer.column);
  if (years.length < 2) return [];
  const last = seriesOf(column)[years[years.length - 1]];
  return [...(column.values.every((value, unit) => value === last[unit]) ? years.slice(0, -1) : years), null];
}
function stopName(app, layer, year) {
  if (year !== null) return String(year);
  const years = app.years(layer.column), stops = stopsOf(app, layer);
  return stops.length > years.length ? app.t('newest') : String(years[years.length - 1]);
}

// A line through the years of one unit, gaps left open, the shown year marked; '' where there are not two figures.
function trendOf(app, name, unit) {
  const years = app.years(name), series = years.length ? seriesOf(app.head.columns[name]) : {};
  const points = years.map((year) => [year, series[year][unit]]).filter(([, value]) => value !== null);
  if (points.length < 2) return '';
  const [width, height] = [54, 15], values = points.map(([, value]) => value), low = Math.min(...values), high = Math.max(...values);
  const x = (year) => 2 + ((width - 4) * (year - years[0])) / (years[years.length - 1] - years[0]);
  const y = (value) => (high > low ? height - 2 - ((height - 4) * (value - low)) / (high - low) : height / 2);
  const said = points.map(([year, value]) => `${year}: ${app.number(value, app.digits(app.head.columns[name]))}`).join('; ');
  const shown = points.find(([year]) => year === app.state.year) || points[points.length - 1];
  const lines = points.slice(1).map(([b, to], k) => {
    const [a, from] = points[k], gap = years.indexOf(b) - years.indexOf(a) > 1;
    return svg('line', { x1: x(a), y1: y(from), x2: x(b), y2: y(to), 'stroke-dasharray': gap ? '2 2' : null });
  });
  return svg('svg', { class: 'gt-trend', width, height, viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': said },
    ...lines, svg('circle', { cx: x(shown[0]), cy: y(shown[1]), r: 2.2 }), svg('title', {}, said));
}

part('panel', 24, (app) => {
  let box = null;
  function fill() {
    const { layer } = app, stops = stopsOf(app, layer);
    box.hidden = stops.length < 2;
    if (box.hidden) return box.replaceChildren();
    const at = Math.max(0, stops.indexOf(app.state.year)), name = (k) => stopName(app, layer, stops[k]);
    const chosen = el('output', { for: 'gt-year' }, name(at));
    const slider = el('input', { type: 'range', id: 'gt-year', min: 0, max: stops.length - 1, step: 1, value: at,
      'aria-valuetext': name(at), oninput: () => app.set({ year: stops[+slider.value] }) });
    return box.replaceChildren(el('label', { for: 'gt-year', class: 'gt-heading' }, app.t('year_shown'), chosen), slider,
      el('div', { class: 'gt-stops', 'aria-hidden': 'true' }, ...stops.map((_, k) => el('span', {}, name(k)))));
  }
  function move() {
    const slider = box.querySelector('input'), stops = stopsOf(app, app.layer), at = stops.indexOf(app.state.year);
    if (!slider || at < 0) return;
    const name = stopName(app, app.layer, app.state.year);
    slider.value = String(at);
    slider.setAttribute('aria-valuetext', name);
    box.querySelector('output').textContent = name;
  }
  return {
    draw() {
      box = el('div', { class: 'gt-years' });
      fill();
      return box;
    },
    update(changed) {
      if (changed.has('layer')) fill();
      else if (changed.has('year')) move();
    },
  };
});
