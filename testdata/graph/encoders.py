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
         extra=None, longest_declared=None, calm=()):
    """Randomizes the model, saves it and runs it on the inputs every text model gets."""
    common.randomize(model, seed, calm)
    if dtype is not None:
        common.round_weights(model, dtype)
    state = {(rename or (lambda k: k))(k): v for k, v in model.state_dict().items()}
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
    common.write_truth(name, cases, longest if longest_declared is None else longest_declared, hard)


@register
def bert():
    text("bert", t.BertModel(t.BertConfig(**SMALL)), 20, True, seed=1, types=2)


@register
def bert_gamma():
    """As the first checkpoints are: names with a prefix, gamma and beta, a language-model head next to the encoder."""

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


@register
def modernbert():
    config = t.ModernBertConfig(**SMALL | {"num_hidden_layers": 4, "max_position_embeddings": 40}, local_attention=7,
                                pad_token_id=0, norm_bias=True, attention_bias=True, mlp_bias=True)
    text("modernbert", t.ModernBertModel(config), 40, False, seed=13, rename=lambda k: "model." + k)


@register
def modernbert_plain():
    """The published spelling: global_attn_every_n_layers and two thetas, and no biases."""
    config = t.ModernBertConfig(**SMALL | {"num_hidden_layers": 3, "max_position_embeddings": 40}, local_attention=6,
                                pad_token_id=0, hidden_activation="silu")
    old = dump(config, drop=("rope_parameters", "layer_types"), global_attn_every_n_layers=3, global_rope_theta=160000.0,
               local_rope_theta=10000.0, position_embedding_type="absolute", layer_norm_eps=1e-5)
    text("modernbert-plain", t.ModernBertModel(config), 40, False, seed=14, config=old)


def fuse(state, parts, whole):
    """Puts the projections that a publication keeps in one tensor into one."""
    for suffix in ("weight", "bias"):
        for key in [k for k in state if k.endswith(f"{parts[0]}.{suffix}")]:
            base = key[: -len(f"{parts[0]}.{suffix}")]
            state[f"{base}{whole}.{suffix}"] = torch.cat([state.pop(f"{base}{p}.{suffix}") for p in parts])
    return state


class Published(torch.nn.Module):
    """A model whose state has the names of its publication instead of transformers' own."""

    def __init__(self, model, names, fused):
        super().__init__()
        self.model, self.names, self.fused, self.config = model, names, fused, model.config

    def forward(self, **feed):
        return self.model(**feed)

    def state_dict(self):
        state = self.model.state_dict()
        for parts, whole in self.fused:
            state = fuse(state, parts, whole)
        for new, old in self.names:
            state = {k.replace(new, old): v for k, v in state.items()}
        return state


NOMIC = [("embeddings.LayerNorm", "emb_ln"), ("self_attn.o_proj", "attn.out_proj"), ("up_proj", "fc11"),
         ("gate_proj", "fc12"), ("down_proj", "fc2"), ("post_attention_layernorm", "norm1"), ("post_mlp_layernorm", "norm2"),
         ("self_attn.Wqkv", "attn.Wqkv"), ("layers.", "encoder.layers.")]
GTE = [("self_attn.o_proj", "attention.o_proj"), ("post_attention_layernorm", "attn_ln"), ("post_mlp_layernorm", "mlp_ln"),
       ("self_attn.qkv_proj", "attention.qkv_proj"), ("layers.", "encoder.layer.")]
QKV = ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj")


@register
def nomic_bert():
    config = t.NomicBertConfig(**SMALL)
    text("nomic_bert", t.NomicBertModel(config), 20, False, seed=15, types=2, rename=lambda k: "nomic_bert." + k)


@register
def nomic_published():
    config = t.NomicBertConfig(**SMALL | {"max_position_embeddings": 32}, rope_parameters={"rope_type": "default",
                               "rope_theta": 1000.0})
    old = dict(model_type="nomic_bert", n_embd=16, n_head=4, n_inner=24, n_layer=2, n_positions=64, max_trained_positions=32,
               vocab_size=VOCAB, type_vocab_size=2, activation_function="swiglu", rotary_emb_base=1000,
               rotary_emb_fraction=1.0, rotary_emb_interleaved=False, rotary_emb_scale_base=None, rotary_scaling_factor=None,
               layer_norm_epsilon=1e-12, prenorm=False, qkv_proj_bias=False, mlp_fc1_bias=False, mlp_fc2_bias=False,
               use_rms_norm=False, causal=False, parallel_block=False, scale_attn_weights=True, use_flash_attn=True,
               fused_bias_fc=True, pad_vocab_size_multiple=64, attn_pdrop=0.0, summary_type="cls_index",
               auto_map={"AutoConfig": "nomic-ai/nomic-bert-2048--configuration_hf_nomic_bert.NomicBertConfig",
                         "AutoModel": "nomic-ai/nomic-bert-2048--modeling_hf_nomic_bert.NomicBertModel"})
    model = Published(t.NomicBertModel(config), NOMIC, [(QKV, "self_attn.Wqkv")])
    text("nomic-published", model, 32, False, seed=16, types=2, config=old)


@register
def gte():
    config = t.GteConfig(**SMALL, type_vocab_size=0)
    text("gte", t.GteModel(config), 20, False, seed=17, pad=1)


@register
def new():
    """GTE v1.5 as published, with its fixed NTK scaling."""
    config = t.GteConfig(**SMALL, type_vocab_size=2, pad_token_id=0, rope_parameters={"rope_type": "default",
                         "rope_theta": 20000.0 * 8})
    model = t.GteModel(config)
    model.rotary_emb.inv_freq /= 8 ** (2 / 4)  # heads of 4 dimensions
    old = dict(model_type="new", **SMALL, hidden_act="gelu", layer_norm_eps=1e-12, type_vocab_size=2, pack_qkv=True,
               position_embedding_type="rope", rope_theta=20000, rope_scaling={"type": "ntk", "factor": 8.0},
               layer_norm_type="layer_norm", unpad_inputs=False, use_memory_efficient_attention=False,
               logn_attention_scale=False, logn_attention_clip1=False, pad_token_id=0,
               auto_map={"AutoModel": "Alibaba-NLP/new-impl--modeling.NewModel"})
    fused = [(QKV, "self_attn.qkv_proj"), (("mlp.up_proj", "mlp.gate_proj"), "mlp.up_gate_proj")]
    text("new", Published(model, GTE, fused), 20, False, seed=18, types=2, config=old, rename=lambda k: "new." + k)


class Jina(torch.nn.Module):
    """jina-embeddings-v2, which transformers does not have: BERT's attention with ALiBi, and a gated MLP."""

    def __init__(self, heads):
        super().__init__()
        self.config = t.BertConfig(**SMALL | {"num_attention_heads": heads, "hidden_size": 4 * heads})
        self.bert = t.BertModel(self.config, add_pooling_layer=False)
        width = self.config.hidden_size
        for layer in self.bert.encoder.layer:
            layer.mlp = torch.nn.ModuleDict(dict(
                gated_layers=torch.nn.Linear(width, 48, bias=False), wo=torch.nn.Linear(24, width),
                layernorm=torch.nn.LayerNorm(width, eps=self.config.layer_norm_eps)))
            del layer.intermediate, layer.output
        del self.bert.embeddings.position_embeddings
        self.slopes = torch.tensor(self.head_slopes(heads))

    @staticmethod
    def head_slopes(heads):
        powers = {4: [2.0**-2, 2.0**-4, 2.0**-6, 2.0**-8]}
        if heads in powers:
            return powers[heads]
        assert heads == 6  # four of the power below, and every other of the power above
        return powers[4] + [2.0**-1, 2.0**-3]

    def state_dict(self):
        return self.bert.state_dict()

    def forward(self, input_ids, attention_mask, token_type_ids):
        e, heads = self.bert.embeddings, self.config.num_attention_heads
        x = e.LayerNorm(e.word_embeddings(input_ids) + e.token_type_embeddings(token_type_ids))
        n = torch.arange(x.shape[1])
        bias = -(n[:, None] - n[None, :]).abs() * self.slopes[:, None, None]
        bias = bias[None].masked_fill(attention_mask[:, None, None] == 0, torch.finfo(torch.float32).min)

        def split(y):
            return y.view(*y.shape[:2], heads, -1).transpose(1, 2)

        for layer in self.bert.encoder.layer:
            a = layer.attention
            q, k, v = (split(p(x)) for p in (a.self.query, a.self.key, a.self.value))
            scores = (q @ k.transpose(2, 3) / 2.0 + bias).softmax(-1)  # heads of 4 dimensions
            x = a.output((scores @ v).transpose(1, 2).flatten(2), x)
            gate, up = layer.mlp["gated_layers"](x).chunk(2, -1)
            x = layer.mlp["layernorm"](layer.mlp["wo"](torch.nn.functional.gelu(gate) * up) + x)
        return t.modeling_outputs.BaseModelOutput(last_hidden_state=x)


def jina_config(model):
    return dump(model.config, position_embedding_type="alibi", feed_forward_type="geglu", emb_pooler="mean",
                auto_map={"AutoModel": "jinaai/jina-bert-implementation--modeling_bert.JinaBertModel"})


@register
def jina():
    model = Jina(4)
    text("jina", model, 20, False, seed=19, types=2, config=jina_config(model))


@register
def jina_six_heads():
    model = Jina(6)
    text("jina-six-heads", model, 20, False, seed=20, types=2, config=jina_config(model))


@register
def t5():
    config = t.T5Config(vocab_size=VOCAB, d_model=16, d_kv=6, d_ff=24, num_layers=2, num_heads=4,
                        relative_attention_max_distance=32, relative_attention_num_buckets=16)
    text("t5", t.T5EncoderModel(config), 80, False, seed=21, longest_declared=0, calm=(".SelfAttention.q.",))


@register
def t5_gated():
    """As T5 1.1 and the sentence-t5 models are: a gated MLP, and the decoder's weights in the same file."""
    config = t.T5Config(vocab_size=VOCAB, d_model=16, d_kv=4, d_ff=24, num_layers=2, num_heads=4,
                        feed_forward_proj="gated-gelu")
    extra = {"decoder.final_layer_norm.weight": torch.ones(16)}
    text("t5-gated", t.T5EncoderModel(config), 150, False, seed=22, longest_declared=0, calm=(".SelfAttention.q.",),
         extra=extra)


DEBERTA = SMALL | dict(num_hidden_layers=2, relative_attention=True, pad_token_id=0)


@register
def deberta_v3():
    """As DeBERTa-v3 is: logarithmic buckets, positions projected as contents, no absolute positions."""
    config = t.DebertaV2Config(**DEBERTA | {"max_position_embeddings": 64}, position_buckets=8, share_att_key=True,
                               norm_rel_ebd="layer_norm", position_biased_input=False, pos_att_type="p2c|c2p",
                               max_relative_positions=-1, type_vocab_size=0)
    old = dump(config, pos_att_type="p2c|c2p")
    text("deberta-v3", t.DebertaV2Model(config), 64, False, seed=23, config=old, rename=lambda k: "deberta." + k)


@register
def deberta_v2():
    """The rest: a convolution, separate projections, absolute positions, token types, a row for each distance."""
    config = t.DebertaV2Config(**DEBERTA, pos_att_type=["c2p", "p2c"], max_relative_positions=6, type_vocab_size=2,
                               conv_kernel_size=3, conv_act="gelu", embedding_size=12)
    text("deberta-v2", t.DebertaV2Model(config), 20, True, seed=24, types=2)


@register
def deberta_plain():
    """Without relative attention it is BERT with another norm."""
    config = t.DebertaV2Config(**DEBERTA | {"relative_attention": False})
    text("deberta-plain", t.DebertaV2Model(config), 20, True, seed=25)
