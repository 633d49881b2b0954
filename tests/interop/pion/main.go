// Pion as a peer: lines of JSON on standard input and output.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"net"
	"os"
	"sync"

	"github.com/pion/ice/v2"
	"github.com/pion/interceptor"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v3"
)

type line map[string]interface{}

type command struct {
	Command, Type, SDP, Label, Channel, Text string
	Candidate, Prefix, Kind                  string
	Init                                     *webrtc.DataChannelInit
	Size, Seed, Count                        int
	Kinds, AnswerWith                        []string
	SDPMid                                   *string
	SDPMLineIndex                            *uint16
	Configuration                            webrtc.Configuration
	Trickle                                  *bool
	Lite, IceRestart, Perfect, Polite        bool
	TCP, MDNS, Simulcast                     bool
}

var output sync.Mutex

func say(l line) {
	output.Lock()
	defer output.Unlock()
	text, _ := json.Marshal(l)
	fmt.Println(string(text))
}

type peer struct {
	pc       *webrtc.PeerConnection
	options  command
	mutex    sync.Mutex
	channels map[string]*webrtc.DataChannel
	held     []line // candidates found before the description left
	holding  bool
	media    media
}

func pattern(size, seed int) []byte {
	octets := make([]byte, size)
	for i := range octets {
		octets[i] = byte(i*7 + i>>8 + seed)
	}
	return octets
}

func (p *peer) hook(channel *webrtc.DataChannel) {
	p.mutex.Lock()
	p.channels[channel.Label()] = channel
	p.mutex.Unlock()
	channel.OnOpen(func() {
		say(line{"event": "channel", "channel": channel.Label(), "state": "open", "id": channel.ID()})
	})
	channel.OnClose(func() { say(line{"event": "channel", "channel": channel.Label(), "state": "closed"}) })
	channel.OnMessage(func(m webrtc.DataChannelMessage) {
		if m.IsString {
			say(line{"event": "data", "channel": channel.Label(), "text": string(m.Data)})
		} else {
			say(line{"event": "data", "channel": channel.Label(), "octets": len(m.Data), "crc32": crc32.ChecksumIEEE(m.Data)})
		}
	})
}

func (p *peer) channel(label string) *webrtc.DataChannel {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.channels[label]
}

func (p *peer) trickles() bool { return p.options.Trickle == nil || *p.options.Trickle }

func (p *peer) start(c command) (err error) {
	p.options = c
	settings := webrtc.SettingEngine{}
	settings.SetLite(c.Lite)
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	if c.MDNS {
		settings.SetICEMulticastDNSMode(ice.MulticastDNSModeQueryAndGather)
	}
	if c.TCP {
		// Passive candidates on one port: Pion's only kind.
		listener, err := net.Listen("tcp", "0.0.0.0:0")
		if err != nil {
			return err
		}
		settings.SetICETCPMux(webrtc.NewICETCPMux(nil, listener, 64))
		settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeTCP4, webrtc.NetworkTypeUDP4})
	}
	engine, registry := &webrtc.MediaEngine{}, &interceptor.Registry{}
	if err = engine.RegisterDefaultCodecs(); err != nil {
		return
	}
	if c.Simulcast {
		for _, uri := range []string{sdp.SDESMidURI, sdp.SDESRTPStreamIDURI, "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"} {
			extension := webrtc.RTPHeaderExtensionCapability{URI: uri}
			if err = engine.RegisterHeaderExtension(extension, webrtc.RTPCodecTypeVideo); err != nil {
				return
			}
		}
	}
	registry.Add(&counter{m: &p.media}) // the nearest to the wire
	if err = webrtc.RegisterDefaultInterceptors(engine, registry); err != nil {
		return
	}
	api := webrtc.NewAPI(webrtc.WithSettingEngine(settings), webrtc.WithMediaEngine(engine), webrtc.WithInterceptorRegistry(registry))
	if p.pc, err = api.NewPeerConnection(c.Configuration); err != nil {
		return
	}
	p.pc.OnICECandidate(func(candidate *webrtc.ICECandidate) {
		l := line{"type": "end-of-candidates"}
		if candidate != nil {
			init := candidate.ToJSON()
			l = line{"type": "candidate", "candidate": init.Candidate, "sdpMid": init.SDPMid, "sdpMLineIndex": init.SDPMLineIndex}
		} else {
			return // Pion does not say of which generation
		}
		p.mutex.Lock()
		defer p.mutex.Unlock()
		if !p.trickles() {
			return
		}
		if p.holding {
			p.held = append(p.held, l)
		} else {
			say(l)
		}
	})
	state := func(which, value string) { say(line{"event": "state", "which": which, "state": value}) }
	p.pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateConnected {
			p.media.once.Do(func() { close(p.media.ready) })
		}
		state("connectionState", s.String())
	})
	p.pc.OnICEConnectionStateChange(func(s webrtc.ICEConnectionState) { state("iceConnectionState", s.String()) })
	p.pc.OnSignalingStateChange(func(s webrtc.SignalingState) { state("signalingState", s.String()) })
	p.pc.OnDataChannel(p.hook)
	p.pc.OnTrack(func(t *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
		say(line{"event": "track", "kind": t.Kind().String()})
		p.media.count(t, receiver)
	})
	return
}

func (p *peer) setLocal(description webrtc.SessionDescription) error {
	p.mutex.Lock()
	p.holding, p.held = true, nil
	p.mutex.Unlock()
	gathered := webrtc.GatheringCompletePromise(p.pc)
	if err := p.pc.SetLocalDescription(description); err != nil {
		return err
	}
	if !p.trickles() {
		<-gathered
	}
	local := p.pc.LocalDescription()
	say(line{"type": local.Type.String(), "sdp": local.SDP})
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for _, l := range p.held {
		say(l)
	}
	p.holding = false
	return nil
}

func (p *peer) offer(restart bool) error {
	offer, err := p.pc.CreateOffer(&webrtc.OfferOptions{ICERestart: restart})
	if err != nil {
		return err
	}
	return p.setLocal(offer)
}

func (p *peer) takeDescription(c command) error {
	collides := c.Type == "offer" && p.pc.SignalingState() != webrtc.SignalingStateStable
	if collides {
		say(line{"event": "collision", "polite": p.options.Polite})
		if !p.options.Polite {
			return nil
		}
		// Pion refuses an empty description, though a rollback has none.
		pending := p.pc.PendingLocalDescription()
		if err := p.pc.SetLocalDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeRollback, SDP: pending.SDP}); err != nil {
			return err
		}
	}
	if err := p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.NewSDPType(c.Type), SDP: c.SDP}); err != nil {
		return err
	}
	if c.Type != "offer" {
		return nil
	}
	if err := p.media.send(p.pc, p.options.AnswerWith); err != nil {
		return err
	}
	answer, err := p.pc.CreateAnswer(nil)
	if err != nil {
		return err
	}
	return p.setLocal(answer)
}

func (p *peer) take(c command) error {
	switch c.Command {
	case "start":
		return p.start(c)
	case "channel":
		channel, err := p.pc.CreateDataChannel(c.Label, c.Init)
		if err == nil {
			p.hook(channel)
		}
		return err
	case "channels":
		for i := 0; i < c.Count; i++ {
			channel, err := p.pc.CreateDataChannel(fmt.Sprintf("%s%d", c.Prefix, i), nil)
			if err != nil {
				return err
			}
			p.hook(channel)
		}
		return nil
	case "closeChannel":
		return p.channel(c.Channel).Close()
	case "sendOctets":
		return p.channel(c.Channel).Send(pattern(c.Size, c.Seed))
	case "media":
		return p.media.send(p.pc, c.Kinds)
	case "silence":
		p.media.silent.Store(true)
		return nil
	case "audio":
		_, err := p.pc.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio)
		return err
	case "transceiver":
		_, err := p.pc.AddTransceiverFromKind(webrtc.NewRTPCodecType(c.Kind))
		return err
	case "removeAudio":
		for _, transceiver := range p.pc.GetTransceivers() {
			if err := transceiver.Stop(); err != nil {
				return err
			}
		}
		return nil
	case "offer":
		return p.offer(c.IceRestart)
	case "send":
		return p.channel(c.Channel).SendText(c.Text)
	case "stats":
		return nil
	case "":
	default:
		return fmt.Errorf("Pion has no %s", c.Command)
	}
	switch c.Type {
	case "candidate":
		return p.pc.AddICECandidate(webrtc.ICECandidateInit{Candidate: c.Candidate, SDPMid: c.SDPMid, SDPMLineIndex: c.SDPMLineIndex})
	case "end-of-candidates":
		return nil
	}
	return p.takeDescription(c)
}

func main() {
	p := &peer{channels: map[string]*webrtc.DataChannel{}, media: media{ready: make(chan struct{})}}
	say(line{"event": "ready"})
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(make([]byte, 1<<20), 1<<22)
	for input.Scan() {
		var c command
		if err := json.Unmarshal(input.Bytes(), &c); err != nil {
			say(line{"event": "error", "message": err.Error()})
			continue
		}
		if c.Command == "quit" {
			break
		}
		name := c.Command
		if name == "" {
			name = c.Type
		}
		if err := p.take(c); err != nil {
			say(line{"event": "error", "command": name, "message": err.Error()})
		} else if c.Command == "stats" {
			say(line{"event": "done", "command": name, "result": p.media.stats()})
		} else if c.Command != "" {
			say(line{"event": "done", "command": name})
		}
	}
	if p.pc != nil {
		p.pc.Close()
	}
}
