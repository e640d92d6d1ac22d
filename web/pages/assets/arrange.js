// Rows that can be put into another order: dragged by their dots where the screen is wide, or picked up with the keyboard:
// Space picks up, the arrows move, Space drops, Escape puts it back. Whoever calls says what a drop means.

// arrange makes the rows of a list movable. list is its selector, rows that of what may be moved within it, say tells
// somebody who does not see it what happens, and drop(row) is called when a row stands in its new place.
export function arrange({ list, rows, say, drop }) {
  const all = () => [...document.querySelectorAll(`${list} ${rows}`)];
  const name = (row) => row.querySelector('h3, .name')?.textContent ?? 'It';
  let held = null; // {row, after}: picked up with the keyboard

  async function sortable() {
    if (!document.querySelector(list) || !matchMedia('(min-width: 46rem)').matches) return;
    if (!window.Sortable) await import('./vendor/Sortable.min.js');
    const box = document.querySelector(list);
    if (!box || window.Sortable.get(box)) return;
    let from = null;
    window.Sortable.create(box, {
      handle: '.grip', draggable: 'li', filter: '.grip[disabled]', ghostClass: 'ghost', fallbackClass: 'held', animation: 0,
      forceFallback: true, fallbackTolerance: 3, // a button is not dragged by every browser itself
      onStart: ({ item }) => { box.dataset.held = ''; from = item.nextElementSibling; },
      onEnd: ({ item }) => {
        delete box.dataset.held;
        if (item.nextElementSibling !== from && item.matches(rows)) drop(item);
      },
    });
  }

  function pick(row) {
    held = { row, back: row.nextElementSibling };
    row.classList.add('held');
    row.closest(list).dataset.held = '';
    row.querySelector('.grip').setAttribute('aria-pressed', 'true');
    say(`${name(row)} is picked up. Arrows move it, Space drops it, Escape puts it back.`);
  }

  function letGo(put) {
    const { row, back } = held;
    held = null;
    row.classList.remove('held');
    const box = row.closest(list);
    if (box) delete box.dataset.held;
    row.querySelector('.grip').setAttribute('aria-pressed', 'false');
    if (put && row.nextElementSibling !== back) return drop(row);
    if (!put) row.parentNode.insertBefore(row, back);
    row.querySelector('.grip').focus();
    say(`${name(row)} stays where it was.`);
  }

  function step(by) {
    const { row } = held;
    const others = all();
    const beside = others[others.indexOf(row) + by];
    if (!beside) return;
    if (by < 0) beside.before(row);
    else beside.after(row);
    row.querySelector('.grip').focus();
    const now = all();
    say(`Place ${now.indexOf(row) + 1} of ${now.length}.`);
  }

  document.addEventListener('keydown', (event) => {
    const grip = event.target.closest?.('.grip');
    const row = grip?.closest(`${list} ${rows}`);
    if (!row) return;
    const moves = { ArrowUp: () => step(-1), ArrowDown: () => step(1), Escape: () => letGo(false) };
    if (event.key === ' ' || event.key === 'Enter') {
      event.preventDefault();
      if (held?.row === row) letGo(true);
      else if (!held) pick(row);
    } else if (held?.row === row && moves[event.key]) {
      event.preventDefault();
      moves[event.key]();
    }
  });
  document.addEventListener('focusout', (event) => {
    if (held && event.target.closest('.grip') && !held.row.contains(event.relatedTarget) && event.relatedTarget) letGo(false);
  });
  document.addEventListener('playbill:fresh', sortable);
  sortable();
}

// choose makes an input with a list of suggestions of the catalog. found(title) is called with the one that is chosen, null
// when the text is anything else.
export function choose({ input, list, call, found }) {
  let titles = [], at = -1, waits = 0, asked = '';

  const close = () => {
    list.hidden = true;
    at = -1;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  };

  function show(said) {
    titles = said.titles;
    list.replaceChildren(...titles.map((title, i) => {
      const li = document.createElement('li');
      li.id = `${list.id}-${i}`;
      li.setAttribute('role', 'option');
      const b = document.createElement('b');
      b.textContent = title.title;
      const about = document.createElement('span');
      about.textContent = [title.year, length(title.duration_seconds), title.reserved ? 'set aside' : ''].filter(Boolean).join(', ');
      li.append(b, ' ', about);
      li.addEventListener('mousedown', (event) => { event.preventDefault(); take(i); });
      return li;
    }));
    if (!titles.length) {
      const li = document.createElement('li');
      li.className = 'none';
      li.setAttribute('role', 'option');
      li.setAttribute('aria-disabled', 'true');
      li.textContent = said.meant ? `Nothing called that. Did you mean ${said.meant}?` : 'Nothing in the catalog is called that.';
      if (said.meant) li.addEventListener('mousedown', (event) => { event.preventDefault(); input.value = said.meant; ask(); });
      list.append(li);
    }
    at = -1;
    list.hidden = false;
    input.setAttribute('aria-expanded', 'true');
  }

  function mark(next) {
    if (!titles.length || list.hidden) return;
    list.children[at]?.setAttribute('aria-selected', 'false');
    at = (next + titles.length) % titles.length;
    list.children[at].setAttribute('aria-selected', 'true');
    list.children[at].scrollIntoView({ block: 'nearest' });
    input.setAttribute('aria-activedescendant', list.children[at].id);
  }

  function take(i) {
    input.value = titles[i].title;
    found(titles[i]);
    close();
    input.focus();
  }

  async function ask() {
    const text = input.value.trim();
    asked = text;
    if (text.length < 2 || text.includes('://') || /^[a-z]{2}:\S/.test(text)) return close();
    const said = await call('GET', '/api/v1/catalog?' + new URLSearchParams({ q: text, limit: '8' })).catch(() => null);
    if (said && asked === text && document.activeElement === input) show(said);
  }

  input.addEventListener('input', () => {
    found(null);
    clearTimeout(waits);
    waits = setTimeout(ask, 120); // milliseconds: between two letters nothing is asked
  });
  input.addEventListener('blur', close);
  input.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown') { event.preventDefault(); mark(at + 1); }
    else if (event.key === 'ArrowUp') { event.preventDefault(); mark(at < 0 ? titles.length - 1 : at - 1); }
    else if (event.key === 'Escape' && !list.hidden) { event.preventDefault(); close(); }
    else if (event.key === 'Enter' && !list.hidden && titles.length) { event.preventDefault(); take(Math.max(at, 0)); }
  });
}

// length is how long a title is: "24 min", "1 h 07 min", "40 s".
export function length(seconds) {
  const minutes = Math.round(seconds / 60);
  if (!seconds) return 'live';
  if (seconds < 60) return `${seconds} s`;
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}
