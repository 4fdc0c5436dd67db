// Package probe measures embedding models, and runs them.
//
// Measure finds a model, runs the battery of package detect on it and returns a Report: what the model is, next to what its
// files declare, and where the two differ.
//
//	report := probe.Measure(ctx, probe.Options{Ref: "sentence-transformers/all-MiniLM-L6-v2"})
//	if err := report.Err(); err != nil {
//		return err
//	}
//	fmt.Println(*report.Dimension, *report.Measured.Pooling)
//
// Open makes a model ready to embed texts:
//
//	model, err := probe.Open(ctx, probe.Options{Ref: "path/to/model"})
//	if err != nil {
//		return err
//	}
//	defer model.Close()
//	embeddings, err := model.Embed(ctx, "one text", "another")
//
// Zero values of Options are the command line's defaults. Errors are *failure.Error: where it failed, why in one word of a
// closed list, and what can be done about it (vocabulary.Remedies).
//
// Native code that runs a hostile or broken model can end the whole program. Package isolate runs the same in a child
// process. This package writes nothing and sends nothing.
package probe
