// Streamlit says that its script runs only when the server has answered; until then the page looks as if it had settled.
// So the page is marked from the moment at which it asks for a run until the last run that came of it is over and drawn.
(() => {
  const RERUN = 11, NEW_RUN = 4, RUN_ENDED = 6; // fields of what Streamlit's browser and server say (BackMsg, ForwardMsg)
  const GOES_ON = 2; // an end that another run follows at once
  const VARINT = 0, SIZED = 2;
  const page = document;
  let asked = 0; // how often a run was asked for, or begun

  // The first field of a message that is one of those wanted, and its number or size.
  function find(octets, wanted) {
    let at = 0;
    const varint = () => {
      let value = 0;
      for (let shift = 1; ; shift *= 128) {
        const octet = octets[at++];
        value += (octet & 127) * shift;
        if (!(octet & 128)) return value;
      }
    };
    while (at < octets.length) {
      const tag = varint(), field = Math.floor(tag / 8), kind = tag % 8;
      if (kind !== VARINT && kind !== SIZED) return {};
      const value = varint();
      if (wanted.includes(field)) return { field, value };
      if (kind === SIZED) at += value;
    }
    return {};
  }

  function isAsked() {
    asked += 1;
    page.documentElement.dataset.asked = asked;
  }

  // Once the browser has drawn, if nothing was asked for meanwhile.
  function isOver() {
    const then = asked;
    const drawn = () => requestAnimationFrame(() => requestAnimationFrame(() => { if (asked === then) delete page.documentElement.dataset.asked; }));
    setTimeout(drawn);
  }

  window.WebSocket = class extends WebSocket {
    constructor(...how) {
      super(...how);
      if (!this.url.includes('/_stcore/stream')) return;
      this.isOwed = false; // a run that was asked for and has not begun
      this.addEventListener('message', ({ data }) => {
        const { field, value } = find(new Uint8Array(data), [NEW_RUN, RUN_ENDED]);
        if (field === NEW_RUN) {
          this.isOwed = false;
          isAsked();
        }
        if (field === RUN_ENDED && value !== GOES_ON && !this.isOwed) isOver();
      });
    }

    send(data) {
      if (this.url.includes('/_stcore/stream') && find(new Uint8Array(data), [RERUN]).field) {
        this.isOwed = true;
        isAsked();
      }
      super.send(data);
    }
  };
})();
