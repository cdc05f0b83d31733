/* In a cell of a notebook there is no address to copy and nothing to print: the other buttons take their room. */

part('map', 2, () => ({
  start() { document.documentElement.classList.toggle('gt-cell', location.protocol === 'about:'); },
}));
