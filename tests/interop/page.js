// The page that is Chromium's peer. take() gets one line; report() is how it answers.
// In perfect negotiation it follows W3C webrtc-pc §10.7.
let pc, options, makingOffer = false, ignoreOffer = false, settingAnswer = false;
const channels = new Map();
const say = (line) => report(JSON.stringify(line));

// CRC-32, as everybody's library has it: long messages are compared by it.
const crcTable = Uint32Array.from({ length: 256 }, (_, n) => { for (let i = 0; i < 8; i += 1) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1; return n; });
const crc32 = (octets) => (octets.reduce((crc, octet) => crcTable[(crc ^ octet) & 255] ^ (crc >>> 8), -1) ^ -1) >>> 0;
const pattern = (size, seed) => Uint8Array.from({ length: size }, (_, i) => (i * 7 + (i >> 8) + seed) & 255);

const hook = (channel) => {
  channels.set(channel.label, channel);
  const opened = () => say({ event: 'channel', channel: channel.label, state: 'open', id: channel.id });
  channel.onopen = opened;
  channel.onclose = () => say({ event: 'channel', channel: channel.label, state: 'closed' });
  channel.onmessage = ({ data }) => {
    if (typeof data === 'string') say({ event: 'data', channel: channel.label, text: data });
    else say({ event: 'data', channel: channel.label, octets: data.byteLength, crc32: crc32(new Uint8Array(data)) });
  };
  channel.binaryType = 'arraybuffer';
  if (channel.readyState === 'open') opened();
};

// Candidates that are found before the description left travel in it or behind it, never ahead.
let held = [];
const sayDescription = async () => {
  if (options.trickle === false) {
    while (pc.iceGatheringState !== 'complete') await new Promise((next) => { pc.addEventListener('icegatheringstatechange', next, { once: true }); });
  }
  say({ type: pc.localDescription.type, sdp: pc.localDescription.sdp });
  if (options.trickle !== false) held.forEach(say);
  held = null;
};
const setLocal = async (description) => {
  held = [];
  await pc.setLocalDescription(description);
  await sayDescription();
};

const commands = {
  start(line) {
    options = line;
    pc = new RTCPeerConnection(line.configuration);
    pc.onicecandidate = ({ candidate }) => {
      if (!candidate) return;
      const message = { type: candidate.candidate ? 'candidate' : 'end-of-candidates', ...candidate.toJSON() };
      if (!candidate.candidate) delete message.candidate;
      if (held) held.push(message); else if (options.trickle !== false) say(message);
    };
    const watch = (event, which) => pc.addEventListener(event, () => say({ event: 'state', which, state: pc[which] }));
    watch('connectionstatechange', 'connectionState');
    watch('iceconnectionstatechange', 'iceConnectionState');
    watch('signalingstatechange', 'signalingState');
    pc.ondatachannel = ({ channel }) => hook(channel);
    pc.ontrack = ({ track, transceiver }) => { play(track); say({ event: 'track', kind: track.kind, mid: transceiver.mid }); };
    pc.onnegotiationneeded = async () => {
      say({ event: 'negotiationneeded' });
      if (!options.perfect) return;
      try { makingOffer = true; await setLocal(); } catch (error) { fail('negotiationneeded', error); } finally { makingOffer = false; }
    };
  },
  channel(line) { hook(pc.createDataChannel(line.label, line.init)); },
  channels(line) { for (let i = 0; i < line.count; i += 1) hook(pc.createDataChannel(`${line.prefix}${i}`)); },
  closeChannel(line) { channels.get(line.channel).close(); },
  audio() { pc.addTransceiver('audio'); },
  removeAudio() { pc.getTransceivers().forEach((each) => each.stop()); },
  transceiver(line) { pc.addTransceiver(line.kind, line.init); },
  // A microphone that beeps and a camera that shows a clock: Chromium's own fake devices.
  async media(line) {
    const { width, height } = line.size || { width: 320, height: 240 };
    const wanted = { audio: line.kinds.includes('audio'), video: line.kinds.includes('video') && { width, height, frameRate: 15 } };
    const stream = await navigator.mediaDevices.getUserMedia(wanted);
    const free = pc.getTransceivers().filter((each) => !each.sender.track && !each.stopped && each.mid !== null);
    for (const track of stream.getTracks()) {
      const answering = free.find((each) => each.receiver.track.kind === track.kind);
      if (answering) { await answering.sender.replaceTrack(track); answering.direction = 'sendrecv'; }
      else if (line.layers && track.kind === 'video') pc.addTransceiver(track, { streams: [stream], sendEncodings: line.layers });
      else pc.addTrack(track, stream);
    }
  },
  async silence() { for (const { sender } of pc.getTransceivers()) await sender.replaceTrack(null); },
  async offer(line) { await setLocal(await pc.createOffer({ iceRestart: line.iceRestart === true })); },
  restart() { pc.restartIce(); },
  send(line) { channels.get(line.channel).send(line.text); },
  sendOctets(line) { channels.get(line.channel).send(pattern(line.size, line.seed)); },
  async stats() { return [...(await pc.getStats()).values()].filter((each) => each.type.endsWith('-rtp')); },
  async pair() {
    const all = await pc.getStats();
    const transport = [...all.values()].find((each) => each.type === 'transport');
    const pair = transport && all.get(transport.selectedCandidatePairId);
    return pair && { local: all.get(pair.localCandidateId), remote: all.get(pair.remoteCandidateId), dtlsRole: transport.dtlsRole, iceRole: transport.iceRole };
  },
  state() { return { signaling: pc.signalingState, transceivers: pc.getTransceivers().map((each) => [each.mid, each.receiver.track.kind, each.currentDirection]) }; },
};

// A video that nobody shows is not decoded.
const play = (track) => {
  const element = document.createElement(track.kind);
  element.srcObject = new MediaStream([track]);
  element.muted = track.kind === 'video'; // what is muted counts as silence
  element.play().catch(() => {});
};

const takeDescription = async (line) => {
  const isOffer = line.type === 'offer';
  if (options.perfect) {
    const ready = !makingOffer && (pc.signalingState === 'stable' || settingAnswer);
    const collision = isOffer && !ready;
    ignoreOffer = !options.polite && collision;
    if (collision) say({ event: 'collision', polite: options.polite === true });
    if (ignoreOffer) return;
    settingAnswer = line.type === 'answer';
  }
  await pc.setRemoteDescription(line);
  settingAnswer = false;
  if (!isOffer) return;
  if (options.answerWith) await commands.media({ kinds: options.answerWith });
  await setLocal();
};
const takeCandidate = async (line) => {
  try { await pc.addIceCandidate({ candidate: '', ...line, type: undefined }); } catch (error) { if (!ignoreOffer) throw error; }
};
const fail = (command, error) => say({ event: 'error', command, name: error.name, message: `${error.name}: ${error.message}` });

let chain = Promise.resolve();
const take = (line) => {
  const work = async () => {
    if (line.command) return commands[line.command](line);
    return line.type === 'candidate' || line.type === 'end-of-candidates' ? takeCandidate(line) : takeDescription(line);
  };
  chain = chain.then(work).then((result) => { if (line.command) say({ event: 'done', command: line.command, result }); }, (error) => fail(line.command || line.type, error));
};
say({ event: 'ready' });
