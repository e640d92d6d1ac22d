// The promos page beyond forms: what unsaved settings would do, what was changed, the shares of the weights, the order of
// the lead-ins, and the picker that tags a playlist.

import { body, call, refresh, toast } from './admin.js';

const $ = (selector, within = document) => within.querySelector(selector);
const settle = 300; // milliseconds without typing before the effect is asked for
const again = 30000; // milliseconds after which the list has moved on
const numbers = ['No', 'One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven', 'Eight', 'Nine', 'Ten'];

const form = () => $('#promo-settings');

// ---- what was changed

// was is what a field says while nothing is changed; null: it is changed from nothing to say.
function was(field) {
  if (field.type === 'checkbox' || field.type === 'radio') return field.defaultChecked;
  if (field.tagName === 'SELECT') return [...field.options].find((o) => o.defaultSelected)?.value;
  return field.defaultValue;
}

function differs(field) {
  if (field.type === 'checkbox') return field.checked !== was(field);
  if (field.type === 'radio') return field.checked && !was(field);
  if (field.type === 'hidden') return false; // the order of the lead-ins is compared as a whole
  return field.value !== was(field);
}

const order = () => [...document.querySelectorAll('#lead-in-order input')].map((field) => field.value).join();
let savedOrder = order();

function changes() {
  const named = [...form().elements].filter((field) => field.name);
  return named.filter(differs).length + (order() === savedOrder ? 0 : 1);
}

// remark puts "was 45" under what was changed, and says how much there is to save.
function remark() {
  for (const field of form().elements) {
    if (field.tagName !== 'INPUT' || !['number', 'text'].includes(field.type) || !field.closest('.field')) continue;
    const box = field.closest('.field');
    $('.changed', box)?.remove();
    if (!differs(field)) continue;
    const hint = document.createElement('span');
    hint.className = 'hint changed';
    hint.textContent = `was ${was(field) === '' ? 'off' : was(field)}`;
    box.append(hint);
  }
  const n = changes();
  const many = `${numbers[n] ?? n} change${n === 1 ? '' : 's'}`;
  const acts = $('#effect [data-acts]')?.dataset.acts;
  const words = $('#save-words');
  words.textContent = n === 0 ? 'Nothing is changed.' : `${many}. ${n === 1 ? 'It' : 'They'} would act `;
  if (n > 0) {
    const b = document.createElement('b');
    b.textContent = `${acts || 'from the next slot'}.`;
    words.append(b);
  }
  $('#save').textContent = n === 0 ? 'Save' : `Save ${many.toLowerCase()}`;
  $('#save').disabled = n === 0;
  share();
}

function share() {
  const weights = [...document.querySelectorAll('[data-weight]')];
  const counts = (field) => $(`[name="types.${field.dataset.weight}.enabled"]`).checked ? Number(field.value) || 0 : 0;
  const total = weights.reduce((sum, field) => sum + counts(field), 0);
  for (const field of weights) {
    const out = $(`[data-share="${field.dataset.weight}"]`);
    out.textContent = total > 0 && counts(field) > 0 ? `${(counts(field) * 100 / total).toFixed(1)} %` : 'none';
  }
}

// ---- what it does

let timer, asked = 0;

function later() {
  clearTimeout(timer);
  timer = setTimeout(effect, settle);
}

async function effect() {
  const mine = ++asked;
  const answer = await fetch(`/admin/promos/effect?config=${encodeURIComponent(JSON.stringify(body(form())))}`).catch(() => null);
  if (!answer?.ok || mine !== asked) return; // the last one that was known stays
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
  $('#effect').replaceChildren(...fresh.body.childNodes);
  remark();
}

setInterval(() => { if (!document.hidden && changes() > 0) effect(); }, again);

// ---- what people do

function touched() {
  form().setAttribute('hx-morph-skip', '');
  $('#type-table').setAttribute('hx-morph-skip', '');
  $('#lead-in-order')?.setAttribute('hx-morph-skip', '');
  remark();
  later();
}

function untouched() {
  for (const node of [form(), $('#type-table'), $('#lead-in-order')]) node?.removeAttribute('hx-morph-skip');
}

document.addEventListener('input', (event) => { if (event.target.form === form()) touched(); });

document.addEventListener('reset', (event) => {
  if (event.target !== form()) return;
  const list = $('#lead-in-order');
  const items = [...list?.children ?? []];
  for (const name of savedOrder.split(',')) {
    const item = items.find((li) => $('input', li).value === name);
    if (item) list.append(item);
  }
  untouched();
  setTimeout(effect); // the fields are put back after this event
});

document.addEventListener('click', (event) => {
  const item = event.target.closest('[data-earlier]')?.closest('li');
  if (!item) return;
  item.previousElementSibling?.before(item);
  $('[data-earlier]', item).focus();
  touched();
});

document.addEventListener('playbill:done', (event) => {
  if (event.target === form()) untouched();
});

document.addEventListener('playbill:fresh', () => {
  if (form().hasAttribute('hx-morph-skip')) return;
  for (const field of form().elements) { // a morph changes what a field was, not what was typed into it
    if (field.type === 'checkbox' || field.type === 'radio') field.checked = field.defaultChecked;
    else if (field.tagName === 'SELECT') field.value = was(field);
    else if (field.tagName === 'INPUT') field.value = field.defaultValue;
  }
  savedOrder = order();
  remark();
});

document.addEventListener('submit', async (event) => {
  const picker = event.target.closest('#tag-form');
  if (!picker) return;
  event.preventDefault();
  const select = $('#tag', picker), name = select.selectedOptions[0].textContent.replace(/, [^,]*$/, '');
  const address = picker.dataset.tag + select.value;
  try {
    await call('PUT', address);
    toast(`${name} is tagged. Its clips air from the next slot.`, () => call('DELETE', address));
  } catch (refused) {
    toast(refused.message, null, true);
  }
  await refresh();
});

remark();
