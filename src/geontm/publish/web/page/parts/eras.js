/* Boundaries before and after a reform on one page: which are shown. Layer, filter and place stay as they are. */

part('panel', 5, (app) => {
  const { eras } = app;
  if (!eras) return { draw: () => null };
  const day = eras.heads[0].reform;
  return {
    draw() {
      const buttons = ['era_former', 'era_present'].map((key, k) => {
        const number = 1 - k; // the former one stands first and is number 1
        return el('button', { type: 'button', class: 'gt-button', 'aria-pressed': String(eras.at === number),
          onclick: () => { if (eras.at !== number) show(number); } }, app.t(key, { day: app.day(day) }));
      });
      return el('div', { class: 'gt-eras', role: 'group', 'aria-label': app.t('eras') }, ...buttons);
    },
  };
  // The unit whose card is open is left behind: its code may be that of another unit there.
  function show(number) {
    const kept = app.written().split('&').filter((each) => each && !/^[eu]=/.test(each));
    eras.show(number, [...(number ? [`e=${number}`] : []), ...kept].join('&'));
    document.querySelector('.gt-eras [aria-pressed=true]').focus();
  }
});
