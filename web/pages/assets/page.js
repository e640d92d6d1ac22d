// What the pages other than the live queue do with a script: times in the viewer's zone, receipts as a dialog over the
// page, and pages that bring themselves up to date. Each is complete without it.

import { watch } from './marquee.js';

const $ = (selector, within = document) => within.querySelector(selector);
const hours = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

// ---- times

function tellTimes(within = document) {
  for (const node of within.querySelectorAll('time[datetime]')) {
    const ms = Date.parse(node.dateTime);
    if (!Number.isNaN(ms)) node.textContent = hours.format(ms);
  }
}

function tellTime() {
  const header = $('.clock');
  const { zone, place } = header.dataset;
  const mine = hours.format(Date.now());
  let station = mine;
  try {
    station = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: zone }).format(Date.now());
  } catch { /* a zone that this browser does not know: its own time alone is shown */ }
  $('b', header).textContent = mine;
  $('small', header).textContent = station === mine ? `station time, ${place}` : `${station} station, ${place}`;
}

// ---- pages that change by themselves

async function page(address, options) {
  const answer = await fetch(address, { headers: { Accept: 'text/html' }, ...options });
  return { answer, parsed: new DOMParser().parseFromString(await answer.text(), 'text/html') };
}

function keepFresh(main) {
  let shown = main.innerHTML;
  const look = async () => {
    if (document.hidden || main.contains(document.activeElement)) return;
    const { answer, parsed } = await page(location.href);
    const fresh = $('#main', parsed);
    if (answer.redirected || !fresh?.dataset.fresh) return location.reload(); // the session is over
    if (fresh.innerHTML === shown) return;
    shown = fresh.innerHTML;
    main.replaceChildren(...fresh.childNodes);
    tellTimes(main);
    const purse = $('.purse', parsed);
    if (purse) $('.purse')?.replaceWith(purse);
  };
  setInterval(() => look().catch(() => {}), Number(main.dataset.fresh) * 1000); // a host that restarts is asked again
}

// ---- receipts

let open = null; // the dialog over the page

async function showReceipt(address) {
  const { answer, parsed } = await page(address);
  const receipt = $('dialog.receipt', parsed);
  if (!receipt) return location.assign(answer.url);
  receipt.dataset.at = address;
  show(receipt);
}

function show(receipt) {
  receipt.removeAttribute('open');
  const modal = $('main > dialog.receipt') === null;
  if (open) open.replaceWith(receipt);
  else if (modal) document.body.append(receipt);
  else $('main > dialog.receipt').replaceWith(receipt);
  tellTimes(receipt);
  if (modal) receipt.showModal();
  else receipt.show();
  open = modal ? receipt : null;
  receipt.addEventListener('close', () => {
    if (open === receipt) open = null;
    receipt.remove();
  });
}

document.addEventListener('click', (event) => {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const link = event.target.closest('a');
  if (link?.matches('[data-receipt]')) {
    event.preventDefault();
    showReceipt(link.href).catch(() => location.assign(link.href));
  } else if (link?.matches('[data-close]') && open) {
    event.preventDefault();
    open.close();
  }
});

// A receipt is paid through the API. What it refuses is shown on a new receipt, under the price that holds then.
document.addEventListener('submit', (event) => {
  const form = event.target;
  if (!form.matches('[data-pay]')) return;
  event.preventDefault();
  const button = $('button', form);
  button.disabled = true;
  pay(new FormData(form)).catch(() => {
    button.disabled = false;
    refuse(form, 'The station did not answer. Press again: you pay once, however often you press.');
  });
});

async function pay(form) {
  const answer = await fetch('/api/v1/purchases', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': form.get('key') },
    body: JSON.stringify({ media: { type: form.get('type'), id: form.get('id') }, tier: form.get('tier'), quoted_price: Number(form.get('price')) }),
  });
  const said = await answer.json();
  if (answer.ok) return location.assign('/account?bought=' + encodeURIComponent(said.id));
  const query = new URLSearchParams({ type: form.get('type'), id: form.get('id'), tier: form.get('tier') });
  await showReceipt('/receipt?' + query);
  const now = $('dialog.receipt');
  if (now && !$('.refusal', now)) refuse($('form', now), said.error.message);
}

function refuse(form, sentence) {
  let note = $('.refusal', form);
  if (!note) {
    note = document.createElement('div');
    note.className = 'refusal';
    note.setAttribute('role', 'alert');
    $('.counterfoil', form).prepend(note);
  }
  const head = document.createElement('strong');
  head.textContent = 'Nothing was paid.';
  const why = document.createElement('p');
  why.textContent = sentence;
  note.replaceChildren(head, why);
}

// ---- the catalog, while somebody types

const finder = $('.finder');
let typed = 0, asked = 0; // a timer, and which answer counts

async function find() {
  const query = new URLSearchParams([...new FormData(finder)].filter(([, value]) => value));
  const address = `/catalog${query.size ? '?' : ''}${query}`;
  asked += 1;
  const mine = asked;
  const { answer, parsed } = await page(address);
  const results = $('#results', parsed);
  if (mine !== asked || !answer.ok || !results) return;
  $('#results').replaceWith(results);
  $('.picks', finder)?.replaceWith($('.picks', parsed) ?? '');
  history.replaceState(null, '', address);
}

if (finder) {
  $('[data-apply]', finder).hidden = true;
  const soon = (ms) => {
    clearTimeout(typed);
    typed = setTimeout(() => find().catch(() => {}), ms); // a host that restarts is asked with the next letter
  };
  finder.addEventListener('input', (event) => soon(event.target.tagName === 'SELECT' ? 0 : 200));
  finder.addEventListener('submit', (event) => {
    event.preventDefault();
    soon(0);
  });
}

// asks shows again what is offered, when the desk has opened or closed.
async function asks() {
  if (open) return showReceipt(open.dataset.at);
  const main = $('#main');
  if (!$('.offers, dialog.receipt', main) || document.activeElement?.matches('input')) return;
  const fresh = $('#main', (await page(location.href)).parsed);
  if (!fresh) return;
  main.replaceChildren(...fresh.childNodes);
  tellTimes(main);
}

tellTimes();
tellTime();
watch(() => asks().catch(() => {})); // the host is away: what is offered is checked again when it is bought
setInterval(tellTime, 5000);
const main = $('main[data-fresh]');
if (main) keepFresh(main);
