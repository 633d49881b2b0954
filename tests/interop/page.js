// The page that is Chromium's peer. take() gets one line; report() is how it answers.
// In perfect negotiation it follows W3C webrtc-pc §10.7.
let pc, options, makingOffer = false, ignoreOffer = false, settingAnswer = false;
const channels = new Map();
const say = (line) => report(JSON.stringify(line));

const hook = (channel) => {
  channels.set(channel.label, channel);
  const opened = () => say({ event: 'channel', channel: channel.label, state: 'open' });
  channel.onopen = opened;
  channel.onclose = () => say({ event: 'channel', channel: channel.label, state: 'closed' });
  channel.onmessage = ({ data }) => {
    say({ event: 'data', channel: channel.label, text: typeof data === 'string' ? data : `${data.byteLength} octets` });
    if (data === 'ping') channel.send('pong');
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
    pc.ontrack = ({ track, transceiver }) => say({ event: 'track', kind: track.kind, mid: transceiver.mid });
    pc.onnegotiationneeded = async () => {
      say({ event: 'negotiationneeded' });
      if (!options.perfect) return;
      try { makingOffer = true; await setLocal(); } catch (error) { fail('negotiationneeded', error); } finally { makingOffer = false; }
    };
  },
  channel(line) { hook(pc.createDataChannel(line.label)); },
  audio() { pc.addTransceiver('audio'); },
  removeAudio() { pc.getTransceivers().forEach((each) => each.stop()); },
  async offer(line) { await setLocal(await pc.createOffer({ iceRestart: line.iceRestart === true })); },
  restart() { pc.restartIce(); },
  async rollback() { await pc.setLocalDescription({ type: 'rollback' }); },
  send(line) { channels.get(line.channel).send(line.text); },
  async stats() {
    const all = new Map([...(await pc.getStats())]);
    const transport = [...all.values()].find((each) => each.type === 'transport');
    const pair = transport && all.get(transport.selectedCandidatePairId);
    return pair && { local: all.get(pair.localCandidateId), remote: all.get(pair.remoteCandidateId), dtlsRole: transport.dtlsRole, iceRole: transport.iceRole };
  },
  state() { return { signaling: pc.signalingState, mids: pc.getTransceivers().map((each) => [each.mid, each.currentDirection]) }; },
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
  if (isOffer) await setLocal();
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
