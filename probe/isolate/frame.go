package isolate

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
)

// A frame is one message between parent and child: magic, kind, length of the payload and its CRC-32 (IEEE), both big
// endian, then the payload. Native code that writes into a descriptor that is not its own makes no frame of it.
type frame struct {
	kind    byte
	payload []byte
}

const (
	frameMagic  = "PRB1"
	frameHeader = len(frameMagic) + 1 + 4 + 4
	// maxFrame bounds a payload. A report is about 10 KiB; the longest that a model's own strings have made is far below.
	maxFrame = 8 << 20
)

// The kinds of frames.
const (
	// Parent to child.
	frameRequest  = 'q' // a request as JSON, the first frame
	frameInput    = 'i' // a piece of the input
	frameInputEnd = 'z' // the end of the input
	// Child to parent.
	frameResult = 'r' // a result of the task
	frameWant   = 'w' // the task can take a piece of input
	frameStep   = 's' // the name of the step that begins
	frameLog    = 'l' // a line for probe -v
	frameNote   = 'n' // a line that the user should read
	frameMemory = 'm' // the child ends because it reached its memory limit
	frameDone   = 'd' // the task ended well, the last frame
	frameError  = 'e' // the task failed, as JSON of a sentError, the last frame
)

// writeFrame sends a frame in one write.
func writeFrame(w io.Writer, kind byte, payload []byte) error {
	if len(payload) > maxFrame {
		return fmt.Errorf("expected at most %d bytes in a message, found %d", maxFrame, len(payload))
	}
	b := make([]byte, 0, frameHeader+len(payload))
	b = append(append(b, frameMagic...), kind)
	b = binary.BigEndian.AppendUint32(b, uint32(len(payload)))
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(payload))
	_, err := w.Write(append(b, payload...))
	return err
}

// readFrame reads one frame. io.EOF says that the other side closed after a whole frame; io.ErrUnexpectedEOF, within one.
func readFrame(r io.Reader) (frame, error) {
	var head [frameHeader]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return frame{}, err
	}
	if string(head[:len(frameMagic)]) != frameMagic {
		return frame{}, fmt.Errorf("%w: it starts with %q", errRubbish, head[:len(frameMagic)])
	}
	f := frame{kind: head[len(frameMagic)]}
	size := binary.BigEndian.Uint32(head[len(frameMagic)+1:])
	if size > maxFrame {
		return frame{}, fmt.Errorf("%w: it claims %d bytes, more than %d", errRubbish, size, maxFrame)
	}
	// Grows with what comes, not with what is claimed.
	payload, err := io.ReadAll(io.LimitReader(r, int64(size)))
	if err != nil {
		return frame{}, err
	}
	if len(payload) < int(size) {
		return frame{}, io.ErrUnexpectedEOF
	}
	if crc32.ChecksumIEEE(payload) != binary.BigEndian.Uint32(head[frameHeader-4:]) {
		return frame{}, fmt.Errorf("%w: its checksum does not fit", errRubbish)
	}
	f.payload = payload
	return f, nil
}
