/* The legend: classes, colours, counts of what the filter lets through, and how the classes were found. */

// What stands in a legend: of the chosen layer and year, or of the other side of the divider.
function legendOf(app, layer = app.layer, year = app.state.year) {
  const column = app.head.columns[layer.column];
  const { counts, colours, unknown } = app.view(layer, year), most = Math.max(...counts, unknown, 1);
  const row = (swatch, label, count) => el('tr', {}, el('td', {}, swatch), el('th', { scope: 'row' }, label),
    el('td', { class: 'gt-count' }, el('span', { class: 'gt-bar' }), app.number(count, 0)));
  const square = layer.kind === 'bivariate', rows = square ? [] : counts.map((count, k) => row(swatchOf(colours[k]), app.rangeLabel(layer, k), count));
  rows.push(row(swatchOf(HATCH), app.nothing(layer), unknown));
  (square ? [unknown] : [...counts, unknown]).forEach((count, k) => { rows[k].querySelector('.gt-bar').style.width = `${(100 * count) / most}%`; });
  if (Number.isInteger(layer.middle)) rows[layer.middle + 1].className = 'gt-middle'; // where the two colours meet
  const at = app.years(layer.column).indexOf(year), years = at < 0 ? column.years : [year];
  const sources = at < 0 ? column.sources : column.series.sources[at];
  const facts = [column.unit ? app.t('unit', { unit: app.unit(column.unit) }) : '',
    years.length ? app.t('year', { year: spanOf(years) }) : ''].filter(Boolean).join(' · ');
  const notes = layer.lines.map((line) => app.pick(line));
  if (column.years_left) notes.push(app.t('years_left'));
  if (column.note) notes.push(app.pick(column.note));
  if (sources.length) notes.push(app.t(column.measured && at < 0 ? 'measured_from' : 'source', { source: sources.join(', ') }));
  return [
    el('h2', {}, app.pick(layer.label)),
    facts || column.illustrative ? el('p', { class: 'gt-sub gt-facts' }, el('span', {}, facts),
      column.illustrative ? el('span', { class: 'gt-badge gt-illustrative' }, app.t('illustrative')) : '') : '',
    square ? squareOf(app, layer, counts) : '',
    el('table', {}, el('caption', { class: 'gt-hidden' }, app.t('legend_caption')),
      el('thead', { class: 'gt-hidden' }, el('tr', {}, el('td', {}), el('th', { scope: 'col' }, app.t('class')), el('th', { scope: 'col' }, app.t('count')))),
      el('tbody', {}, ...rows)),
    ...notes.map((note) => el('p', { class: 'gt-fine' }, note)),
    el('p', { class: 'gt-fine gt-counted' }, app.t(app.state.shown ? 'counted_filtered' : 'counted')),
  ].filter(Boolean);
}

part('panel', 30, (app) => {
  let box = null;
  const fill = () => box.replaceChildren(...legendOf(app));
  return {
    draw() {
      box = el('section', { class: 'gt-legend', 'aria-label': app.t('legend') });
      fill();
      return box;
    },
    update(changed) { if (['layer', 'year', 'shown'].some((each) => changed.has(each))) fill(); },
  };
});
