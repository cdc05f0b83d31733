/* Where outlines and figures came from. */

part('foot', 0, (app) => ({
  draw() {
    const { page } = app.head, lines = [app.t('boundaries', { source: app.pick(page.boundary_source) })];
    if (page.boundary_date) lines.push(app.t('valid_from', { day: app.day(page.boundary_date) }));
    lines.push(app.t('crs', { crs: page.crs }));
    if (page.schematic) lines.push(app.t('schematic_note'));
    else lines.push(app.t('simplified', { m: app.number(page.tolerance_m, 0) }));
    if (page.border_tolerance_m !== null) lines.push(app.t('border_tolerance', { m: app.number(page.border_tolerance_m, 0) }));
    if (page.without_shape) lines.push(app.t('without_shape', { n: page.without_shape }));
    if (app.head.labels.context.length) lines.push(app.t('around'));
    lines.push(app.t('offline'));
    return el('div', {}, ...lines.map((line) => el('p', {}, line)),
      el('p', { class: 'gt-print' }, `${app.t('fingerprint')} `, el('code', {}, page.fingerprint)));
  },
}));
