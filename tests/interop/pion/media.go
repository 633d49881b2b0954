// What Pion sends and counts. Its own statistics know nothing of RTP: the packets are counted here.
package main

import (
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
	"github.com/pion/webrtc/v3"
	webrtcmedia "github.com/pion/webrtc/v3/pkg/media"
	"github.com/pion/webrtc/v3/pkg/media/ivfreader"
)

// One row of stats(), with the names of W3C webrtc-stats.
type stream struct {
	values line
	mutex  sync.Mutex
}

func (s *stream) set(name string, value interface{}) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.values[name] = value
}

func (s *stream) add(name string, more int) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	before, _ := s.values[name].(int)
	s.values[name] = before + more
}

func (s *stream) copy() line {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	values := line{}
	for name, value := range s.values {
		values[name] = value
	}
	return values
}

type media struct {
	mutex   sync.Mutex
	streams []*stream
	silent  atomic.Bool // nothing is sent any more
	once    sync.Once
	ready   chan struct{} // closed when there is a connection, so that the clip's first picture is not lost
}

func (m *media) begin(kind, what string) *stream {
	s := &stream{values: line{"type": what, "kind": kind}}
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.streams = append(m.streams, s)
	return s
}

func (m *media) stats() (rows []line) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	rows = []line{}
	for _, s := range m.streams {
		rows = append(rows, s.copy())
	}
	return
}

// count reads all that comes on a track. A frame is counted where its last packet has the marker.
func (m *media) count(track *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
	in := m.begin(track.Kind().String(), "inbound-rtp")
	in.set("ssrc", uint32(track.SSRC()))
	if track.RID() != "" {
		in.set("rid", track.RID())
	}
	seen := map[uint16]bool{} // of the last cycle
	first, last, cycles := -1, 0, 0
	go func() {
		for {
			packet, _, err := track.ReadRTP()
			if err != nil {
				return
			}
			number := int(packet.SequenceNumber)
			if first < 0 {
				first, last = number, number
			}
			if ahead := int16(packet.SequenceNumber - uint16(last)); ahead > 0 {
				if number < last {
					cycles++
				}
				for i := last + 1; i <= last+int(ahead); i++ {
					delete(seen, uint16(i+1<<15))
				}
				last = number
			}
			if seen[packet.SequenceNumber] {
				in.add("packetsDuplicated", 1)
				continue
			}
			seen[packet.SequenceNumber] = true
			in.add("packetsReceived", 1)
			if packet.Marker || track.Kind() == webrtc.RTPCodecTypeAudio {
				in.add("framesReceived", 1)
			}
			if track.Codec().MimeType == webrtc.MimeTypeVP8 {
				readKeyFrame(packet.Payload, in)
			}
			received, _ := in.copy()["packetsReceived"].(int)
			in.set("packetsLost", cycles<<16+last-first+1-received)
		}
	}()
	go func() {
		for {
			packets, err := readRTCP(track, receiver)
			if err != nil {
				return
			}
			for _, packet := range packets {
				if _, ok := packet.(*rtcp.SenderReport); ok {
					in.add("reportsReceived", 1)
				}
			}
		}
	}()
}

// readRTCP reads what comes for a track: a layer of simulcast has a reader of its own.
func readRTCP(track *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) (packets []rtcp.Packet, err error) {
	if track.RID() != "" {
		packets, _, err = receiver.ReadSimulcastRTCP(track.RID())
	} else {
		packets, _, err = receiver.ReadRTCP()
	}
	return
}

// counter is an interceptor that counts what leaves: Pion's sender repeats a packet as it was, under its old number.
type counter struct {
	interceptor.NoOp
	m *media
}

func (c *counter) NewInterceptor(string) (interceptor.Interceptor, error) { return c, nil }

func (c *counter) BindLocalStream(info *interceptor.StreamInfo, writer interceptor.RTPWriter) interceptor.RTPWriter {
	out := c.m.sent(info.SSRC)
	last, begun, mutex := uint16(0), false, sync.Mutex{}
	return interceptor.RTPWriterFunc(func(header *rtp.Header, payload []byte, attributes interceptor.Attributes) (int, error) {
		mutex.Lock()
		defer mutex.Unlock()
		octets, err := writer.Write(header, payload, attributes)
		if octets == 0 {
			return octets, err // there are no keys yet
		}
		out.add("packetsSent", 1)
		if begun && int16(header.SequenceNumber-last) <= 0 {
			out.add("retransmittedPacketsSent", 1)
		} else {
			last, begun = header.SequenceNumber, true
		}
		return octets, err
	})
}

// sent is the row that has this SSRC.
func (m *media) sent(ssrc uint32) *stream {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	for _, s := range m.streams {
		if values := s.copy(); values["type"] == "outbound-rtp" && values["ssrc"] == ssrc {
			return s
		}
	}
	s := &stream{values: line{}} // of a track that the peer did not want
	return s
}

// readKeyFrame tells the picture's size where a key frame begins: RFC 7741 §4.3, RFC 6386 §9.1.
func readKeyFrame(payload []byte, in *stream) {
	vp8 := codecs.VP8Packet{}
	frame, err := vp8.Unmarshal(payload)
	if err != nil || vp8.S != 1 || vp8.PID != 0 || len(frame) < 10 || frame[0]&1 != 0 {
		return
	}
	in.add("keyFramesReceived", 1)
	in.set("frameWidth", int(frame[6])|int(frame[7]&0x3f)<<8)
	in.set("frameHeight", int(frame[8])|int(frame[9]&0x3f)<<8)
}

// readFeedback counts what the receiver of a track says of it.
func readFeedback(sender *webrtc.RTPSender, out, remote *stream) {
	for {
		packets, _, err := sender.ReadRTCP()
		if err != nil {
			return
		}
		for _, packet := range packets {
			switch each := packet.(type) {
			case *rtcp.ReceiverReport:
				tell(each.Reports, sender, remote)
			case *rtcp.SenderReport:
				tell(each.Reports, sender, remote)
			case *rtcp.TransportLayerNack:
				out.add("nackCount", 1)
			case *rtcp.PictureLossIndication:
				out.add("pliCount", 1)
			case *rtcp.FullIntraRequest:
				out.add("firCount", 1)
			}
		}
	}
}

func tell(reports []rtcp.ReceptionReport, sender *webrtc.RTPSender, remote *stream) {
	for _, report := range reports {
		if report.SSRC != uint32(sender.GetParameters().Encodings[0].SSRC) {
			continue
		}
		remote.add("reportsReceived", 1)
		remote.set("fractionLost", float64(report.FractionLost)/256)
		remote.set("packetsLost", int(report.TotalLost))
		remote.set("jitter", int(report.Jitter))
	}
}

// send begins to send a track of each kind: Opus silence, and the VP8 of the file PION_VIDEO again and again.
func (m *media) send(pc *webrtc.PeerConnection, kinds []string) error {
	for _, kind := range kinds {
		codec := webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus}
		if kind == "video" {
			codec.MimeType = webrtc.MimeTypeVP8
		}
		track, err := webrtc.NewTrackLocalStaticSample(codec, kind, "pion")
		if err != nil {
			return err
		}
		sender, err := pc.AddTrack(track)
		if err != nil {
			return err
		}
		out, remote := m.begin(kind, "outbound-rtp"), m.begin(kind, "remote-inbound-rtp")
		for _, row := range []*stream{out, remote} {
			row.set("ssrc", uint32(sender.GetParameters().Encodings[0].SSRC))
		}
		go readFeedback(sender, out, remote)
		if kind == "video" {
			go m.sendVideo(track, out)
		} else {
			go m.sendAudio(track, out)
		}
	}
	return nil
}

func (m *media) sendAudio(track *webrtc.TrackLocalStaticSample, out *stream) {
	<-m.ready
	for range time.Tick(20 * time.Millisecond) {
		if m.silent.Load() {
			return
		}
		if track.WriteSample(webrtcmedia.Sample{Data: []byte{0xf8, 0xff, 0xfe}, Duration: 20 * time.Millisecond}) == nil {
			out.add("samplesSent", 1)
		}
	}
}

func (m *media) sendVideo(track *webrtc.TrackLocalStaticSample, out *stream) {
	<-m.ready
	const interval = time.Second / 15
	tick := time.Tick(interval)
	for {
		file, err := os.Open(os.Getenv("PION_VIDEO"))
		if err != nil {
			say(line{"event": "error", "command": "media", "message": err.Error()})
			return
		}
		reader, _, err := ivfreader.NewWith(file)
		for err == nil {
			var frame []byte
			if frame, _, err = reader.ParseNextFrame(); err != nil {
				break
			}
			<-tick
			if m.silent.Load() {
				file.Close()
				return
			}
			if track.WriteSample(webrtcmedia.Sample{Data: frame, Duration: interval}) == nil {
				out.add("framesSent", 1)
			}
		}
		file.Close()
		if err != io.EOF {
			say(line{"event": "error", "command": "media", "message": err.Error()})
			return
		}
	}
}
