"""The bidirectional encoders."""

import torch
import transformers as t

import common

VOCAB = 61
SMALL = dict(vocab_size=VOCAB, hidden_size=16, num_hidden_layers=2, num_attention_heads=4, intermediate_size=24,
             max_position_embeddings=20)
MODELS = []


def register(make):
    MODELS.append(make)
    return make


def dump(config, drop=(), **change):
    """config.json as save_pretrained would write it, with older spellings put in by hand."""
    values = config.to_diff_dict() | {"model_type": config.model_type}
    values = {k: v for k, v in values.items() if k not in drop}
    return values | change


def text(name, model, longest, hard, *, seed, pad=0, config=None, rename=None, dtype=None, types=None, shards=None,
         extra=None, skip=()):
    """Randomizes the model, saves it and runs it on the inputs every text model gets."""
    common.randomize(model, seed)
    if dtype is not None:
        common.round_weights(model, dtype)
    state = {(rename or (lambda k: k))(k): v for k, v in model.state_dict().items() if not k.startswith(skip or ("\0",))}
    common.save(name, state | (extra or {}), config or dump(model.config), dtype=dtype, shards=shards)
    cases = []
    for label, ids, mask in common.inputs(seed, model.config.vocab_size, longest, pad):
        token_types = [[(i + j) % types for j in range(len(row))] for i, row in enumerate(ids)] if types else None
        feed = dict(input_ids=torch.tensor(ids), attention_mask=torch.tensor(mask))
        if token_types:
            feed["token_type_ids"] = torch.tensor(token_types)
        with torch.no_grad():
            hidden = model(**feed).last_hidden_state
        cases.append(common.text_case(label, ids, mask, token_types, hidden))
    common.write_truth(name, cases, longest, hard)


@register
def bert():
    text("bert", t.BertModel(t.BertConfig(**SMALL)), 20, True, seed=1, types=2)


@register
def bert_gamma():
    """As the first checkpoints are: names with a prefix, gamma and beta, a language-model head beside the encoder."""

    def rename(k):
        return "bert." + k.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")

    extra = {"cls.predictions.bias": torch.zeros(VOCAB), "bert.embeddings.position_ids": torch.arange(20)[None]}
    model = t.BertModel(t.BertConfig(**SMALL, hidden_act="gelu_new", layer_norm_eps=1e-3))
    text("bert-gamma", model, 20, True, seed=2, types=2, rename=rename, extra=extra)


@register
def bert_float16():
    text("bert-float16", t.BertModel(t.BertConfig(**SMALL)), 20, True, seed=3, types=2, dtype=torch.float16)


@register
def bert_bfloat16():
    text("bert-bfloat16", t.BertModel(t.BertConfig(**SMALL)), 20, True, seed=4, types=2, dtype=torch.bfloat16)


@register
def bert_sharded():
    text("bert-sharded", t.BertModel(t.BertConfig(**SMALL, hidden_act="relu")), 20, True, seed=5, types=2, shards=3)


@register
def roberta():
    config = t.RobertaConfig(**SMALL, pad_token_id=1, type_vocab_size=1)
    text("roberta", t.RobertaModel(config), 18, True, seed=6, pad=1)


@register
def xlm_roberta():
    config = t.XLMRobertaConfig(**SMALL, pad_token_id=3, type_vocab_size=1)
    text("xlm-roberta", t.XLMRobertaModel(config), 16, True, seed=7, pad=3, rename=lambda k: "roberta." + k)


@register
def camembert():
    config = t.CamembertConfig(**SMALL, pad_token_id=1, type_vocab_size=1)
    text("camembert", t.CamembertModel(config), 18, True, seed=8, pad=1)


@register
def electra():
    config = t.ElectraConfig(**SMALL, embedding_size=12)
    text("electra", t.ElectraModel(config), 20, True, seed=9, types=2, rename=lambda k: "electra." + k)


@register
def mpnet():
    config = t.MPNetConfig(**SMALL | {"max_position_embeddings": 152})
    text("mpnet", t.MPNetModel(config), 150, True, seed=10, pad=1)


@register
def distilbert():
    config = t.DistilBertConfig(vocab_size=VOCAB, dim=16, n_layers=2, n_heads=4, hidden_dim=24, max_position_embeddings=20)
    text("distilbert", t.DistilBertModel(config), 20, True, seed=11, rename=lambda k: "distilbert." + k)


@register
def albert():
    config = t.AlbertConfig(**SMALL | {"num_hidden_layers": 4}, embedding_size=12, num_hidden_groups=2, inner_group_num=2)
    text("albert", t.AlbertModel(config), 20, True, seed=12, types=2)
