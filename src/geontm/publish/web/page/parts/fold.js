/* Folds the panel away, so that the map has the whole window. */

part('map', 45, (app) => {
  let button = null;
  const page = () => document.querySelector('.gt-page');
  function label() {
    const folded = page().classList.contains('gt-folded');
    button.textContent = app.t(folded ? 'unfold' : 'fold');
    button.setAttribute('aria-expanded', String(!folded));
  }
  return {
    draw() { if (button) label(); },
    start() {
      button = el('button', { type: 'button', class: 'gt-fold', onclick: () => {
        page().classList.toggle('gt-folded');
        label();
        app.map.invalidateSize({ animate: false });
      } });
      label();
      app.map.getContainer().parentNode.append(button);
    },
  };
});
