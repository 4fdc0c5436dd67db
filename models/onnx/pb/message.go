package pb

import (
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// AppendInt appends an integer field to a message.
func AppendInt(message []byte, number protowire.Number, v int64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(message, number, protowire.VarintType), uint64(v))
}

// AppendString appends a string field to a message.
func AppendString(message []byte, number protowire.Number, s string) []byte {
	return protowire.AppendString(protowire.AppendTag(message, number, protowire.BytesType), s)
}

// AppendBytes appends a field of bytes, or a message as a field, to a message.
func AppendBytes(message []byte, number protowire.Number, content []byte) []byte {
	message = slices.Grow(message, len(content)+10)
	return protowire.AppendBytes(protowire.AppendTag(message, number, protowire.BytesType), content)
}

// AppendEntry appends a StringStringEntryProto to a message.
func AppendEntry(message []byte, number protowire.Number, key, value string) []byte {
	return AppendBytes(message, number, AppendString(AppendString(nil, EntryKey, key), EntryValue, value))
}

// Each calls f with every field of a message: its number, its bytes with the tag, and its content if it has a length. It
// ends where the message is not well formed.
func Each(message []byte, f func(number protowire.Number, whole, content []byte)) {
	for len(message) > 0 {
		number, t, tag := protowire.ConsumeTag(message)
		if tag < 0 {
			return
		}
		size := protowire.ConsumeFieldValue(number, t, message[tag:])
		if size < 0 {
			return
		}
		var content []byte
		if t == protowire.BytesType {
			content, _ = protowire.ConsumeBytes(message[tag:])
		}
		f(number, message[:tag+size], content)
		message = message[tag+size:]
	}
}

// Get returns the content of the last field of that number.
func Get(message []byte, number protowire.Number) (content []byte, ok bool) {
	Each(message, func(n protowire.Number, _, c []byte) {
		if n == number {
			content, ok = c, true
		}
	})
	return content, ok
}

// Ints returns the integers of a repeated field in either of its spellings, one by one or packed.
func Ints(message []byte, number protowire.Number) []int64 {
	var out []int64
	Each(message, func(n protowire.Number, whole, content []byte) {
		if n != number {
			return
		}
		_, t, tag := protowire.ConsumeTag(whole)
		if t == protowire.VarintType {
			content = whole[tag:]
		}
		for len(content) > 0 {
			v, size := protowire.ConsumeVarint(content)
			if size < 0 {
				return
			}
			out, content = append(out, int64(v)), content[size:]
		}
	})
	return out
}

// Change returns the message with the content of every field of that number changed.
func Change(message []byte, number protowire.Number, change func(content []byte) []byte) []byte {
	var out []byte
	Each(message, func(n protowire.Number, whole, content []byte) {
		if n != number {
			out = append(out, whole...)
			return
		}
		out = AppendBytes(out, n, change(content))
	})
	return out
}

// Drop returns the message without the fields of that number.
func Drop(message []byte, number protowire.Number) []byte {
	var out []byte
	Each(message, func(n protowire.Number, whole, _ []byte) {
		if n != number {
			out = append(out, whole...)
		}
	})
	return out
}
