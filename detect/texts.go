package detect

import "strings"

// ProbeTexts are the short texts that norms, batches and repeats are measured on: of our own writing, from one word to a
// paragraph, in several scripts, with digits, code, emoji and punctuation. None is empty, for some tokenizers make no
// token at all of an empty text and then there is nothing to run. The slice is the caller's own; its order and content
// are part of what findings mean, so a change to them is a change of measurement.
func ProbeTexts() []string {
	return []string{
		"Rain.",
		"The ferry leaves at noon.",
		"Two cups of flour, one egg and a pinch of salt make the dough.",
		"Why does the moon look larger when it hangs just above the rooftops?",
		"Invoice 4471 of 3 May 2024 came to 1,208.50 euros and was paid within 14 days.",
		"def area(r):\n    return 3.14159 * r ** 2",
		"The committee met twice in March, heard eleven witnesses, put off its decision until the harbour survey was done, " +
			"and then, to the surprise of the newspapers, closed the case without a word of explanation.",
		"Nobody ordered the soup.",
		"Der alte Leuchtturm wird im Herbst neu gestrichen.",
		"La bibliothèque ferme plus tôt le vendredi, sauf en période d'examens.",
		"¿Quién dejó la bicicleta roja apoyada contra la puerta?",
		"Поезд опоздал на сорок минут из-за сильного снегопада.",
		"图书馆旁边新开了一家卖手工面包的小店。",
		"駅前の本屋は、来月から夜十時まで開いています。",
		"오늘 아침에는 안개가 짙어서 다리가 보이지 않았다.",
		"وصلت الرسالة بعد أسبوعين من الموعد المتوقع.",
		"बारिश रुकते ही बच्चे मैदान की ओर दौड़ पड़े।",
		"เรือลำเล็กแล่นกลับเข้าท่าก่อนพายุจะมาถึง",
		"Great match last night!!! 🎉 3-2 after extra time, unbelievable :)",
		"A glacier is a slow river of ice. Snow falls on the heights, year upon year, and its own weight presses it into " +
			"ice; the ice creeps downhill, grinds the rock beneath it to flour, and melts where the valley is warm enough. " +
			"What it leaves behind, heaps of stone and long blue lakes, tells where it once ended.",
		"http://example.com/a?b=1&c=two#three",
		"ALL CAPITALS AND no capitals",
		"Zink, Kupfer; tin - and (perhaps) \"brass\": metals?",
		"To be fair, the smaller of the two bridges had been closed for repairs since the flood.",
	}
}

// The words that LongText draws from. They are common English words, so that every vocabulary has most of them.
var (
	longSubjects = [...]string{
		"the old captain", "a young teacher", "the market", "our neighbour", "the river", "a black horse", "the doctor",
		"every child", "the small town", "an artist", "the northern wind", "my brother", "the last train", "a stranger",
		"the garden", "the council",
	}
	longVerbs = [...]string{
		"found", "carried", "remembered", "sold", "crossed", "followed", "painted", "left", "visited", "changed", "opened",
		"lost", "watched",
	}
	longObjects = [...]string{
		"a broken clock", "the stone bridge", "some warm bread", "the winter road", "a letter from home", "the empty house",
		"three silver coins", "the school", "a field of corn", "the lake", "an iron gate", "the morning paper", "a blue boat",
		"the long wall", "a song", "the hill", "two wooden chairs",
	}
	longEnds = [...]string{
		"before the rain", "at night", "in the spring", "without a word", "for the first time", "near the sea", "on Sunday",
		"after the war", "with great care", "in a hurry", "under the bright moon",
	}
)

// LongText is an English text of the given number of sentences, the same on every call; a longer one begins with the
// shorter. Its word lists have lengths without a common factor, so no sentence comes twice within 38,896 of them: a
// token more or less always changes what a model has read.
func LongText(sentences int) string {
	var b strings.Builder
	for i := range sentences {
		if i > 0 {
			b.WriteByte(' ')
		}
		s := longSubjects[i%len(longSubjects)]
		b.WriteString(strings.ToUpper(s[:1]) + s[1:])
		b.WriteByte(' ')
		b.WriteString(longVerbs[i%len(longVerbs)])
		b.WriteByte(' ')
		b.WriteString(longObjects[i%len(longObjects)])
		b.WriteByte(' ')
		b.WriteString(longEnds[i%len(longEnds)])
		b.WriteByte('.')
	}
	return b.String()
}

// longestText bounds TextOver: 65,536 sentences are about 600,000 words.
const longestText = 1 << 16

// TextOver gives a LongText of more than limit tokens, as count counts them, by doubling; ok is false where even 65,536
// sentences stay below it (or count fails by giving a negative number).
func TextOver(limit int, count func(text string) int) (text string, ok bool) {
	// Every sentence has at least 6 words, and nearly every tokenizer makes at least one token of a word.
	for sentences := max(1, limit/6); sentences <= longestText; sentences *= 2 {
		text = LongText(sentences)
		switch n := count(text); {
		case n > limit:
			return text, true
		case n < 0:
			return "", false
		}
	}
	return "", false
}
