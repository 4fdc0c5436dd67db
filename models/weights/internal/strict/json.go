// Package strict reads JSON token by token, so that a name that comes twice, which encoding/json's own maps hide, is seen
// by the caller, and nesting costs nothing.
package strict

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// Object reads one JSON object; member is called with each key and must read its value.
func Object(d *json.Decoder, member func(key string) error) error {
	if err := delim(d, '{'); err != nil {
		return err
	}
	for d.More() {
		key, err := String(d)
		if err != nil {
			return err
		}
		if err := member(key); err != nil {
			return err
		}
	}
	return delim(d, '}')
}

func delim(d *json.Decoder, want json.Delim) error {
	tok, err := token(d)
	if err != nil {
		return err
	}
	if tok != want {
		return fmt.Errorf("expected %v in the JSON, found %v", want, tok)
	}
	return nil
}

// String reads a string.
func String(d *json.Decoder) (string, error) {
	tok, err := token(d)
	if err != nil {
		return "", err
	}
	s, ok := tok.(string)
	if !ok {
		return "", fmt.Errorf("expected a string, found %v", tok)
	}
	return s, nil
}

// Ints reads an array of at most limit whole numbers that are not negative.
func Ints(d *json.Decoder, limit int) ([]int64, error) {
	if err := delim(d, '['); err != nil {
		return nil, err
	}
	out := []int64{}
	for d.More() {
		tok, err := token(d)
		if err != nil {
			return nil, err
		}
		number, ok := tok.(json.Number)
		if !ok {
			return nil, fmt.Errorf("expected a whole number, found %v", tok)
		}
		n, err := strconv.ParseUint(number.String(), 10, 63)
		if err != nil {
			return nil, fmt.Errorf("expected a whole number from 0 to 2^63-1, found %s", number)
		}
		if len(out) == limit {
			return nil, fmt.Errorf("expected at most %d numbers", limit)
		}
		out = append(out, int64(n))
	}
	return out, delim(d, ']')
}

func token(d *json.Decoder) (json.Token, error) {
	tok, err := d.Token()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the JSON ends too soon")
	}
	return tok, err
}
