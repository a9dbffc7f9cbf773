"use strict";
(() => {
  // As on the registration page: dark colours are for a tab of its own.
  if (self === top) document.documentElement.dataset.tab = "";
  // The other half is ltictl/relay/sealed_block.py. Nothing here sends anything anywhere.
  const VERSION = "ltictl1";
  const DAY = 24 * 3600;
  const HOUR = 3600;
  const page = document.getElementById("relay");
  const show = (id) => { document.getElementById(id).hidden = false; };
  // Some LMSs append their parameters behind a second '?', plain or encoded, or escape '&' as HTML
  // does; ltictl/callback/opened_url.py reads more spellings.
  const named = "(?=(?:t|openid_configuration|registration_token)=)";
  const query = location.search.slice(1)
    .replace(/(^|&)(t=[\w.-]+)\/?%3F(.*)$/i, (all, start, token, rest) =>
      `${start}${token}&${/^\w+=/.test(rest) ? rest : decodeURIComponent(rest)}`)
    .replace(new RegExp(`/?(?:&amp;|\\?)${named}`, "gi"), "&");
  const given = new URLSearchParams(query);
  const parameters = {
    t: given.get("t") ?? "",
    openid_configuration: given.get("openid_configuration") ?? "",
    registration_token: given.get("registration_token") ?? "",
  };
  const invitation = parameters.t.split(".")[0];

  function hostOf(address) {
    try { return new URL(address).host; } catch { return ""; }
  }

  // Moodle, Canvas and Brightspace send a JWT; others' tokens say nothing, and live about an hour.
  function expiry(token) {
    const now = Math.floor(Date.now() / 1000);
    try {
      const claims = JSON.parse(new TextDecoder().decode(bytes(token.split(".")[1])));
      if (Number.isFinite(claims.exp)) return Math.min(Math.floor(claims.exp), now + DAY);
    } catch { /* not a JWT */ }
    return now + HOUR;
  }

  function bytes(text) {
    const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(plain, (character) => character.charCodeAt(0));
  }

  function encoded(data) {
    const plain = Array.from(new Uint8Array(data), (byte) => String.fromCharCode(byte)).join("");
    return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  }

  async function sealed(expires) {
    const curve = { name: "ECDH", namedCurve: "P-256" };
    const profile = bytes(page.dataset.key);
    const theirs = await crypto.subtle.importKey("raw", profile, curve, false, []);
    const own = await crypto.subtle.generateKey(curve, false, ["deriveBits"]);
    const point = new Uint8Array(await crypto.subtle.exportKey("raw", own.publicKey));
    const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, own.privateKey, 256);
    const stretch = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveBits"]);
    const salt = new Uint8Array([...point, ...profile]);
    const info = new TextEncoder().encode("ltictl sealed block 1");
    const material = await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt, info }, stretch, 352);
    const key = await crypto.subtle.importKey("raw", material.slice(0, 32), "AES-GCM", false, ["encrypt"]);
    const head = [VERSION, invitation, String(expires), encoded(point)].join(".");
    const body = await crypto.subtle.encrypt(
      { name: "AES-GCM", iv: material.slice(32), additionalData: new TextEncoder().encode(head) },
      key, new TextEncoder().encode(JSON.stringify(parameters)));
    return `${head}.${encoded(body)}`;
  }

  function armoured(block) {
    return ["-----BEGIN LTICTL SEALED BLOCK-----", ...block.match(/.{1,64}/g), "-----END LTICTL SEALED BLOCK-----"].join("\n");
  }

  // The page that ltictl serves on this computer tells its opener when it is done; the LMS wants to
  // hear that from the address that was pasted into it (Canvas compares the origin).
  function openHere() {
    const here = `http://127.0.0.1:${page.dataset.port}`;
    const opened = window.open(`${here}/register?${new URLSearchParams(parameters)}`);
    show(opened === null ? "blocked" : "opened");
    window.addEventListener("message", (event) => {
      if (event.source !== opened || event.origin !== here) return;
      if (event.data?.subject !== page.dataset.close) return;
      (window.opener || window.parent).postMessage({ subject: page.dataset.close }, "*");
    });
  }

  function copy() {
    const area = document.getElementById("block");
    area.select();
    // Works in a frame with a click; the newer interface needs the LMS's permission there.
    show(document.execCommand("copy") ? "copied" : "not-copied");
  }

  async function begin() {
    if (!/^[a-z0-9-]{1,63}\../.test(parameters.t) || !parameters.openid_configuration) {
      show("direct");
      return;
    }
    document.getElementById("lms").textContent = hostOf(parameters.openid_configuration);
    show("arrived");
    document.getElementById("here").addEventListener("click", openHere);
    show("nearby");
    if (!crypto.subtle) {
      document.getElementById("tab").href = location.href;
      show("insecure");
      return;
    }
    const expires = expiry(parameters.registration_token);
    const until = new Date(expires * 1000);
    const time = document.getElementById("until");
    time.dateTime = until.toISOString();
    time.textContent = until.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    document.getElementById("block").value = armoured(await sealed(expires));
    document.getElementById("copy").addEventListener("click", copy);
    show("elsewhere");
  }

  begin();
})();
