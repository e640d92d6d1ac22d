// The page of the prices: lists that grow, what titles would cost beside what they cost now, and one save.

import { call, toast, refresh } from './admin.js';

const $ = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const form = () => $('#pay-form');
const settle = 250; // milliseconds after the last key until the examples are asked for
const whole = new Intl.NumberFormat('en-US');
let was = read(); // what runs
let asking = 0;
let timer = 0;

// ---- reading the form

function value(field) {
  if (field.type === 'checkbox') return field.checked;
  if (field.dataset.as === 'text') return field.value;
  if (field.value.trim() === '') return null;
  const n = Number(field.value);
  return field.dataset.unit ? Math.round(n * Number(field.dataset.unit)) : n;
}

function read() {
  const out = { pay: {}, earn: {} };
  for (const field of all('[data-field]', form())) {
    const [block, name] = field.dataset.field.split('.');
    out[block][name] = value(field);
  }
  for (const list of all('[data-rows]', form())) {
    out.pay[list.dataset.rows] = all('.line', list).map((line) =>
      Object.fromEntries(all('[data-in]', line).map((field) => [field.dataset.in, value(field)])));
  }
  return out;
}

// complete reports whether every number is there: the API is not asked about half a form.
const complete = () => all('input[required]', form()).every((field) => field.value.trim() !== '' && !field.validity.badInput);

// ---- lists that grow

document.addEventListener('click', (event) => {
  const add = event.target.closest('[data-add]');
  const drop = event.target.closest('[data-drop]');
  if (add) {
    const list = $(`[data-rows="${add.dataset.add}"]`);
    const row = $(`#row-${add.dataset.add}`).content.firstElementChild.cloneNode(true);
    // A new price goes before the one that is for anything longer.
    const last = list.lastElementChild;
    if (add.dataset.add === 'price' && last && $('[data-in="up_to_seconds"]', last).value === '') last.before(row);
    else list.append(row);
    $('input', row).focus();
    changed();
  }
  if (drop) {
    drop.closest('.line').remove();
    changed();
  }
  if (event.target.closest('[data-back]')) location.reload();
});

document.addEventListener('input', (event) => {
  if (event.target.closest('#pay-form')) changed();
});

function changed() {
  form().setAttribute('hx-morph-skip', '');
  clearErrors();
  const different = JSON.stringify(read()) !== JSON.stringify(was);
  $('#save-words').textContent = different ? 'Changed, and not saved.' : 'Nothing is changed.';
  tellWas();
  tellEarning();
  clearTimeout(timer);
  timer = setTimeout(showExamples, settle);
}

// tellWas says at each single field what it was.
function tellWas() {
  for (const field of all('.field [data-field]', form())) {
    const [block, name] = field.dataset.field.split('.');
    const place = field.closest('.field');
    $('.was', place)?.remove();
    if (was[block][name] === value(field)) continue;
    const hint = document.createElement('span');
    hint.className = 'hint changed was';
    hint.textContent = `was ${field.dataset.unit ? was[block][name] / Number(field.dataset.unit) : was[block][name]}`;
    place.append(hint);
  }
}

function tellEarning() {
  const { earn } = read();
  const perHour = earn.coins && earn.interval_seconds ? Math.floor((3600 / earn.interval_seconds) * earn.coins) : 0;
  $('#earning-words').textContent = !earn.enabled ? 'Nobody earns by being there.' : `Somebody who stays earns ${whole.format(perHour)} coins an hour.`;
}

// ---- what it does

async function showExamples() {
  if (!complete()) return;
  const mine = ++asking;
  const [method, address] = form().dataset.examples.split(' ');
  let said;
  try {
    said = await call(method, address, read());
  } catch {
    return; // the save will say it
  }
  if (mine !== asking) return;
  for (const one of said.lengths) {
    const row = $(`#examples tr[data-seconds="${one.seconds}"]`);
    show($('[data-cost="queue"]', row), one.queue, one.queue_then);
    show($('[data-cost="playnext"]', row), one.playnext, one.playnext_then);
  }
  showProblems(said.problems);
}

function show(cell, now, then) {
  cell.textContent = whole.format(now);
  if (now === then) return;
  const fresh = document.createElement('b');
  fresh.className = 'delta';
  fresh.textContent = whole.format(then);
  const old = document.createElement('small');
  old.textContent = `was ${whole.format(now)}`;
  cell.replaceChildren(fresh, old);
}

// ---- what is wrong

// fieldAt finds the field of a pointer: "/pay/price/1/coins" is in the second line of the prices.
function fieldAt(pointer) {
  const plain = $(`[data-pointer="${CSS.escape(pointer)}"]`, form());
  if (plain) return plain;
  const [, , list, at, name] = pointer.split('/');
  const line = all('.line', $(`[data-rows="${CSS.escape(list ?? '')}"]`) ?? form())[Number(at)];
  return line && ($(`[data-in="${CSS.escape(name ?? '')}"]`, line) ?? $('input', line));
}

function showProblems(problems) {
  clearErrors();
  let n = 0;
  for (const problem of problems ?? []) {
    const field = fieldAt(problem.pointer);
    const span = document.createElement('span');
    span.className = 'error';
    span.id = `pay-error-${n++}`;
    span.textContent = problem.sentence;
    if (!field) {
      $('#save-words').textContent = problem.sentence;
      continue;
    }
    field.setAttribute('aria-invalid', 'true');
    field.setAttribute('aria-describedby', span.id);
    (field.closest('.field') ?? field.closest('.line')).append(span);
  }
}

function clearErrors() {
  for (const error of all('.error', form())) error.remove();
  for (const field of all('[aria-invalid]', form())) {
    field.removeAttribute('aria-invalid');
    field.removeAttribute('aria-describedby');
  }
}

// ---- saving

document.addEventListener('submit', async (event) => {
  if (event.target.id !== 'pay-form') return;
  event.preventDefault();
  const button = $('#save');
  const [method, address] = form().dataset.save.split(' ');
  button.disabled = true;
  try {
    const said = await call(method, address, read(), undefined, form().dataset.match);
    button.disabled = false;
    form().removeAttribute('hx-morph-skip');
    const back = said.undo ? async () => { await call(said.undo.method, said.undo.path); form().removeAttribute('hx-morph-skip'); } : null;
    await refresh();
    was = read();
    $('#save-words').textContent = 'Nothing is changed.';
    tellEarning();
    toast(said.sentence, back, !said.persisted);
  } catch (refused) {
    button.disabled = false;
    if (refused.said?.problems?.length) showProblems(refused.said.problems);
    else toast(refused.message, null, true);
    $('#save-words').textContent = refused.message;
    $('[aria-invalid]', form())?.focus();
  }
});

document.addEventListener('playbill:fresh', () => {
  if (form().hasAttribute('hx-morph-skip')) return;
  was = read();
  tellEarning();
});

tellEarning();
