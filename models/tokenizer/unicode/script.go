package unicode

// Script numbers a script as the UnicodeScripts pre-tokenizer tells them apart: Hiragana, Katakana and Han are one, and
// 0 (common and inherited characters, the space, and all that have no script) goes with every other.
type Script uint8

// ScriptOf is the script of r for UnicodeScripts.
func ScriptOf(r rune) Script { return Script(findSpan(r, scriptSpans[:])) }
