// The queue of the admins: what admin.js does not do by itself. Every change answers with a sentence and, where it can be
// taken back, with the request that does it.

import { call, refresh, toast } from './admin.js';
import { arrange, choose } from './arrange.js';

const $ = (selector, within = document) => within.querySelector(selector);
const titles = '.entry[data-move]';

// ---- what is said of a change

function tell(said) {
  const back = said.undo && (() => call(said.undo.method, said.undo.path, said.undo.body, crypto.randomUUID()));
  toast(said.message, back);
}

document.addEventListener('playbill:done', async (event) => {
  const { said } = event.detail;
  if (!said?.message) return;
  event.preventDefault();
  const focus = event.target.id; // a button that is pressed loses the focus while it waits
  if (event.target.matches('[data-add]')) event.target.reset();
  event.target.closest('details')?.removeAttribute('open');
  tell(said);
  await refresh();
  if (focus) document.getElementById(focus)?.focus();
});

// ---- moving

// neighbour is the title before or behind a row, promos left out.
function neighbour(row, way) {
  for (let at = row[way]; at; at = at[way]) {
    if (at.dataset.entry && !at.classList.contains('on-air')) return at.dataset.entry;
  }
  return null;
}

async function drop(row) {
  const next = neighbour(row, 'nextElementSibling'), previous = neighbour(row, 'previousElementSibling');
  const to = previous ? { after: Number(previous) } : next ? { before: Number(next) } : { to: 'top' };
  const grip = $('.grip', row).id;
  try {
    tell(await call('POST', `/api/v1/admin/queue/${row.dataset.entry}/move`, to));
  } catch (refused) {
    toast(refused.message, null, true);
  }
  await refresh();
  document.getElementById(grip)?.focus();
}

arrange({ list: '#order', rows: titles, drop, say: (text) => { $('#order-say').textContent = text; } });

// ---- adding

const input = $('#add');
if (input) {
  const form = input.form;
  choose({
    input, list: $('#add-list'), call,
    found: (title) => {
      const [type, id] = [form.elements['media.type'], form.elements['media.id']];
      for (const [field, value] of [[type, title?.media.type], [id, title?.media.id]]) {
        field.disabled = !title;
        field.value = value ?? '';
      }
      input.name = title ? '' : 'ref';
    },
  });
  form.addEventListener('reset', () => {
    input.name = 'ref';
    form.elements['media.type'].disabled = form.elements['media.id'].disabled = true;
  });
}

// ---- menus: one at a time, and none once somebody is elsewhere

document.addEventListener('click', (event) => {
  for (const open of document.querySelectorAll('details.more[open]')) {
    if (!open.contains(event.target)) open.removeAttribute('open');
  }
});
document.addEventListener('keydown', (event) => {
  const open = event.key === 'Escape' && event.target.closest?.('details.more[open]');
  if (open) {
    open.removeAttribute('open');
    $('summary', open).focus();
  }
});
