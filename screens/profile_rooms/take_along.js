// The record as a file: fetched with words about how far it is, saved by the browser, and one sentence when it is there.

const KEEP_MS = 60000; // how long the browser may take to ask where the file shall go

const fill = (sentence, slots) => sentence.replace(/\{(\w+)\}/g, (_, name) => slots[name]);

export default function ({ data, parentElement }) {
  const { path, file, language, words } = data;
  const link = parentElement.querySelector('a');
  const said = parentElement.querySelector('p');
  const kilobytes = (octets) => Math.ceil(octets / 1000).toLocaleString(language);
  link.textContent = words.label;
  link.href = path; // for whoever opens it by other means than a tap
  link.onclick = async (event) => {
    event.preventDefault();
    if (link.ariaBusy === 'true') return;
    link.ariaBusy = 'true';
    said.textContent = words.begun;
    try {
      const record = await read(path, (octets) => { said.textContent = fill(words.coming, { size: kilobytes(octets) }); });
      save(record, file);
      said.textContent = fill(words.done, { file, size: kilobytes(record.size) });
    } catch {
      said.textContent = words.failed;
    }
    link.ariaBusy = 'false';
  };
}

async function read(path, coming) {
  const answer = await fetch(path, { credentials: 'same-origin', redirect: 'manual' });
  if (!answer.ok) throw new Error('no record');
  const reader = answer.body.getReader();
  const pieces = [];
  let octets = 0;
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    pieces.push(piece.value);
    octets += piece.value.length;
    coming(octets);
  }
  return new Blob(pieces, { type: 'application/json' });
}

function save(record, file) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(record);
  link.download = file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEEP_MS);
}
