/* The legend: classes, colours, counts of what the filter lets through, and how the classes were found. */

part('panel', 30, (app) => {
  let box = null;
  function fill() {
    const layer = app.layer, column = app.head.columns[layer.column];
    const { counts, colours, unknown } = app.view(), most = Math.max(...counts, unknown, 1);
    const row = (swatch, label, count) => el('tr', {}, el('td', {}, swatch), el('th', { scope: 'row' }, label),
      el('td', { class: 'gt-count' }, el('span', { class: 'gt-bar' }), app.number(count, 0)));
    const rows = counts.map((count, k) => row(swatchOf(colours[k]), app.rangeLabel(layer, k), count));
    rows.push(row(swatchOf(HATCH), app.nothing(layer), unknown));
    [...counts, unknown].forEach((count, k) => { rows[k].querySelector('.gt-bar').style.width = `${(100 * count) / most}%`; });
    const facts = [column.unit ? app.t('unit', { unit: app.unit(column.unit) }) : '',
      column.years.length ? app.t('year', { year: spanOf(column.years) }) : ''].filter(Boolean).join(' · ');
    const notes = [];
    if (layer.kind === 'choropleth') notes.push(app.t('method_' + layer.method, { n: counts.length }));
    if (column.note) notes.push(app.pick(column.note));
    if (column.sources.length) notes.push(app.t(column.measured ? 'measured_from' : 'source', { source: column.sources.join(', ') }));
    box.replaceChildren(
      el('h2', {}, app.pick(column.label)),
      facts ? el('p', { class: 'gt-sub' }, facts) : '',
      column.illustrative ? el('p', { class: 'gt-badges' }, el('span', { class: 'gt-badge gt-illustrative' }, app.t('illustrative'))) : '',
      el('table', {}, el('caption', { class: 'gt-hidden' }, app.t('legend_caption')),
        el('thead', { class: 'gt-hidden' }, el('tr', {}, el('td', {}), el('th', { scope: 'col' }, app.t('class')), el('th', { scope: 'col' }, app.t('count')))),
        el('tbody', {}, ...rows)),
      ...notes.map((note) => el('p', { class: 'gt-fine' }, note)),
      el('p', { class: 'gt-fine gt-counted' }, app.t(app.state.shown ? 'counted_filtered' : 'counted')));
  }
  return {
    draw() {
      box = el('section', { class: 'gt-legend', 'aria-label': app.t('legend') });
      fill();
      return box;
    },
    update(changed) { if (changed.has('layer') || changed.has('shown')) fill(); },
  };
});
