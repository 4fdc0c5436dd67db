package emit

// publicPublishers are organizations on the Hugging Face hub that publish embedding models, or the models these are made
// from, for everybody. In lower case and sorted, a test sees to it. Persons are not among them. A publisher that is missing is no fault: the user is asked.
var publicPublishers = []string{
	"ai-forever", "ai21labs", "albert", "alibaba-nlp", "allenai", "answerdotai", "apple", "baai", "bigscience", "castorini",
	"codesage", "cohere", "cohereforai", "colbert-ir", "cross-encoder", "deepset", "deepvk", "distilbert",
	"dmis-lab", "eurobert", "facebook", "facebookai", "google", "google-bert", "google-t5", "gritlm",
	"hkunlp", "huggingface", "huggingfacetb", "ibm-granite", "ibm-research", "intfloat", "jhu-clsp", "jinaai", "kblab",
	"laion", "lightonai", "linq-ai-research", "marqo", "meta-llama", "microsoft", "minishlab", "mistralai", "mixedbread-ai",
	"naver", "neuml", "nomic-ai", "novasearch", "nvidia", "onnx-community", "openai", "openai-community",
	"opensearch-project", "optimum", "qdrant", "qwen", "salesforce", "sbintuitions", "sentence-transformers", "snowflake",
	"spacy", "tabularisai", "thenlper", "timm", "togethercomputer", "unicamp-dl", "vidore", "whereisai", "xenova", "xlnet",
}

// publicModels are the hub's oldest models, which have no publisher in their name. The hub gives such names no more, so that
// another name without a publisher is somebody's folder. In lower case and sorted.
var publicModels = []string{
	"albert-base-v1", "albert-base-v2", "albert-large-v2", "bert-base-cased", "bert-base-chinese", "bert-base-german-cased",
	"bert-base-multilingual-cased", "bert-base-multilingual-uncased", "bert-base-uncased", "bert-large-cased",
	"bert-large-uncased", "camembert-base", "distilbert-base-cased", "distilbert-base-multilingual-cased",
	"distilbert-base-uncased", "distilgpt2", "distilroberta-base", "gpt2", "gpt2-large", "gpt2-medium", "gpt2-xl",
	"roberta-base", "roberta-large", "t5-11b", "t5-3b", "t5-base", "t5-large", "t5-small", "xlm-roberta-base",
	"xlm-roberta-large", "xlnet-base-cased", "xlnet-large-cased",
}
