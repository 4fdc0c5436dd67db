package card

// Declared is a value that a model's file states, with where it stands. A nil pointer to it means that no file says
// anything; nothing is ever filled in.
type Declared[T any] struct {
	Value T
	// File is relative to the model's folder, with forward slashes: "1_Pooling/config.json".
	File string
	// Key is the key within the file, "" if the existence of the file is the statement. Nested keys have dots.
	Key string
}

// Where is the file and the key, for messages: "config.json: hidden_size".
func (d *Declared[T]) Where() string {
	if d.Key == "" {
		return d.File
	}
	return d.File + ": " + d.Key
}

// orElse returns the value, or fallback if nothing is declared.
func (d *Declared[T]) orElse(fallback T) T {
	if d == nil {
		return fallback
	}
	return d.Value
}

// firstOf is the first value that is declared.
func firstOf[T any](candidates ...*Declared[T]) *Declared[T] {
	for _, c := range candidates {
		if c != nil {
			return c
		}
	}
	return nil
}
