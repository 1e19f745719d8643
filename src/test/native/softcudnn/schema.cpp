// Which attributes each kind of descriptor has: their types, how many elements, who must set them.
#include "descriptor.hpp"

namespace softcudnn {
namespace {

constexpr auto required = Rule::required, optional = Rule::optional, answered = Rule::answer;
constexpr int none = -1;
constexpr int64_t many = 1 << 20;

#define ATTRIBUTE(name) CUDNN_ATTR_##name, "CUDNN_ATTR_" #name
#define TYPE(name) CUDNN_TYPE_##name
#define KIND(name) CUDNN_BACKEND_##name##_DESCRIPTOR
#define TENSOR_PART(kind, name) \
  {KIND(kind), ATTRIBUTE(name), TYPE(BACKEND_DESCRIPTOR), none, 1, 1, required, 90000, KIND(TENSOR)}
#define SCALE(kind, name) {KIND(kind), ATTRIBUTE(name), TYPE(FLOAT), TYPE(DOUBLE), 1, 1, required, 90000}
#define CONVOLUTION_OPERATION(kind, prefix, a, b, c)                                                       \
  SCALE(kind, OPERATION_CONVOLUTION_##prefix##_ALPHA), SCALE(kind, OPERATION_CONVOLUTION_##prefix##_BETA), \
      {KIND(kind),                                                                                         \
       ATTRIBUTE(OPERATION_CONVOLUTION_##prefix##_CONV_DESC),                                              \
       TYPE(BACKEND_DESCRIPTOR),                                                                           \
       none,                                                                                               \
       1,                                                                                                  \
       1,                                                                                                  \
       required,                                                                                           \
       90000,                                                                                              \
       KIND(CONVOLUTION)},                                                                                 \
      TENSOR_PART(kind, OPERATION_CONVOLUTION_##prefix##_##a),                                             \
      TENSOR_PART(kind, OPERATION_CONVOLUTION_##prefix##_##b), TENSOR_PART(kind, OPERATION_CONVOLUTION_##prefix##_##c)

const Rule rules[] = {
    {KIND(TENSOR), ATTRIBUTE(TENSOR_UNIQUE_ID), TYPE(INT64), none, 1, 1, required, 90000},
    {KIND(TENSOR), ATTRIBUTE(TENSOR_DATA_TYPE), TYPE(DATA_TYPE), none, 1, 1, required, 90000},
    {KIND(TENSOR), ATTRIBUTE(TENSOR_BYTE_ALIGNMENT), TYPE(INT64), none, 1, 1, required, 90000},
    {KIND(TENSOR), ATTRIBUTE(TENSOR_DIMENSIONS), TYPE(INT64), none, 1, dimensions_at_most, required, 90000},
    {KIND(TENSOR), ATTRIBUTE(TENSOR_STRIDES), TYPE(INT64), none, 1, dimensions_at_most, required, 90000},
    {KIND(TENSOR), ATTRIBUTE(TENSOR_IS_VIRTUAL), TYPE(BOOLEAN), none, 1, 1, optional, 90000},
    {KIND(TENSOR), ATTRIBUTE(TENSOR_IS_BY_VALUE), TYPE(BOOLEAN), none, 1, 1, optional, 90000},
    {KIND(TENSOR), ATTRIBUTE(TENSOR_VECTOR_COUNT), TYPE(INT64), none, 1, 1, optional, 90000},
    {KIND(TENSOR), ATTRIBUTE(TENSOR_VECTORIZED_DIMENSION), TYPE(INT64), none, 1, 1, optional, 90000},
    {KIND(TENSOR), ATTRIBUTE(TENSOR_REORDERING_MODE), TYPE(TENSOR_REORDERING_MODE), none, 1, 1, optional, 90000},

    {KIND(CONVOLUTION), ATTRIBUTE(CONVOLUTION_COMP_TYPE), TYPE(DATA_TYPE), none, 1, 1, required, 90000},
    {KIND(CONVOLUTION), ATTRIBUTE(CONVOLUTION_CONV_MODE), TYPE(CONVOLUTION_MODE), none, 1, 1, required, 90000},
    {KIND(CONVOLUTION), ATTRIBUTE(CONVOLUTION_SPATIAL_DIMS), TYPE(INT64), none, 1, 1, required, 90000},
    {KIND(CONVOLUTION), ATTRIBUTE(CONVOLUTION_DILATIONS), TYPE(INT64), none, 1, dimensions_at_most, required, 90000},
    {KIND(CONVOLUTION), ATTRIBUTE(CONVOLUTION_FILTER_STRIDES), TYPE(INT64), none, 1, dimensions_at_most, required,
     90000},
    {KIND(CONVOLUTION), ATTRIBUTE(CONVOLUTION_PRE_PADDINGS), TYPE(INT64), none, 1, dimensions_at_most, required, 90000},
    {KIND(CONVOLUTION), ATTRIBUTE(CONVOLUTION_POST_PADDINGS), TYPE(INT64), none, 1, dimensions_at_most, required,
     90000},

    CONVOLUTION_OPERATION(OPERATION_CONVOLUTION_FORWARD, FORWARD, X, W, Y),
    CONVOLUTION_OPERATION(OPERATION_CONVOLUTION_BACKWARD_DATA, BWD_DATA, DX, W, DY),
    CONVOLUTION_OPERATION(OPERATION_CONVOLUTION_BACKWARD_FILTER, BWD_FILTER, X, DW, DY),

    {KIND(POINTWISE), ATTRIBUTE(POINTWISE_MODE), TYPE(POINTWISE_MODE), none, 1, 1, required, 90000},
    {KIND(POINTWISE), ATTRIBUTE(POINTWISE_MATH_PREC), TYPE(DATA_TYPE), none, 1, 1, required, 90000},
    {KIND(POINTWISE), ATTRIBUTE(POINTWISE_NAN_PROPAGATION), TYPE(NAN_PROPOGATION), none, 1, 1, optional, 90000},
    {KIND(POINTWISE), ATTRIBUTE(POINTWISE_RELU_LOWER_CLIP), TYPE(DOUBLE), TYPE(FLOAT), 1, 1, optional, 90000},
    {KIND(POINTWISE), ATTRIBUTE(POINTWISE_RELU_UPPER_CLIP), TYPE(DOUBLE), TYPE(FLOAT), 1, 1, optional, 90000},
    {KIND(POINTWISE), ATTRIBUTE(POINTWISE_RELU_LOWER_CLIP_SLOPE), TYPE(DOUBLE), TYPE(FLOAT), 1, 1, optional, 90000},
    {KIND(POINTWISE), ATTRIBUTE(POINTWISE_SWISH_BETA), TYPE(DOUBLE), TYPE(FLOAT), 1, 1, optional, 90000},

    {KIND(OPERATION_POINTWISE), ATTRIBUTE(OPERATION_POINTWISE_PW_DESCRIPTOR), TYPE(BACKEND_DESCRIPTOR), none, 1, 1,
     required, 90000, KIND(POINTWISE)},
    TENSOR_PART(OPERATION_POINTWISE, OPERATION_POINTWISE_XDESC),
    {KIND(OPERATION_POINTWISE), ATTRIBUTE(OPERATION_POINTWISE_BDESC), TYPE(BACKEND_DESCRIPTOR), none, 1, 1, optional,
     90000, KIND(TENSOR)},
    {KIND(OPERATION_POINTWISE), ATTRIBUTE(OPERATION_POINTWISE_YDESC), TYPE(BACKEND_DESCRIPTOR), none, 1, 1, optional,
     90000, KIND(TENSOR)},
    {KIND(OPERATION_POINTWISE), ATTRIBUTE(OPERATION_POINTWISE_DXDESC), TYPE(BACKEND_DESCRIPTOR), none, 1, 1, optional,
     90000, KIND(TENSOR)},
    {KIND(OPERATION_POINTWISE), ATTRIBUTE(OPERATION_POINTWISE_DYDESC), TYPE(BACKEND_DESCRIPTOR), none, 1, 1, optional,
     90000, KIND(TENSOR)},
    {KIND(OPERATION_POINTWISE), ATTRIBUTE(OPERATION_POINTWISE_ALPHA1), TYPE(FLOAT), TYPE(DOUBLE), 1, 1, optional,
     90000},
    {KIND(OPERATION_POINTWISE), ATTRIBUTE(OPERATION_POINTWISE_ALPHA2), TYPE(FLOAT), TYPE(DOUBLE), 1, 1, optional,
     90000},

    {KIND(REDUCTION), ATTRIBUTE(REDUCTION_OPERATOR), TYPE(REDUCTION_OPERATOR_TYPE), none, 1, 1, required, 90000},
    {KIND(REDUCTION), ATTRIBUTE(REDUCTION_COMP_TYPE), TYPE(DATA_TYPE), none, 1, 1, required, 90000},
    {KIND(REDUCTION), ATTRIBUTE(REDUCTION_IS_DETERMINISTIC), TYPE(BOOLEAN), none, 1, 1, optional, 91100},
    {KIND(OPERATION_REDUCTION), ATTRIBUTE(OPERATION_REDUCTION_DESC), TYPE(BACKEND_DESCRIPTOR), none, 1, 1, required,
     90000, KIND(REDUCTION)},
    TENSOR_PART(OPERATION_REDUCTION, OPERATION_REDUCTION_XDESC),
    TENSOR_PART(OPERATION_REDUCTION, OPERATION_REDUCTION_YDESC),

    {KIND(OPERATIONGRAPH), ATTRIBUTE(OPERATIONGRAPH_HANDLE), TYPE(HANDLE), none, 1, 1, required, 90000},
    {KIND(OPERATIONGRAPH), ATTRIBUTE(OPERATIONGRAPH_OPS), TYPE(BACKEND_DESCRIPTOR), none, 1, 64, required, 90000},
    {KIND(OPERATIONGRAPH), ATTRIBUTE(OPERATIONGRAPH_ENGINE_GLOBAL_COUNT), TYPE(INT64), none, 1, 1, answered, 90000},

    {KIND(ENGINEHEUR), ATTRIBUTE(ENGINEHEUR_OPERATION_GRAPH), TYPE(BACKEND_DESCRIPTOR), none, 1, 1, required, 90000,
     KIND(OPERATIONGRAPH)},
    {KIND(ENGINEHEUR), ATTRIBUTE(ENGINEHEUR_MODE), TYPE(HEUR_MODE), none, 1, 1, required, 90000},
    {KIND(ENGINEHEUR), ATTRIBUTE(ENGINEHEUR_SM_COUNT_TARGET), TYPE(INT32), none, 1, 1, optional, 90000},
    {KIND(ENGINEHEUR), ATTRIBUTE(ENGINEHEUR_RESULTS), TYPE(BACKEND_DESCRIPTOR), none, 0, many, answered, 90000,
     KIND(ENGINECFG)},

    {KIND(ENGINE), ATTRIBUTE(ENGINE_OPERATION_GRAPH), TYPE(BACKEND_DESCRIPTOR), none, 1, 1, required, 90000,
     KIND(OPERATIONGRAPH)},
    {KIND(ENGINE), ATTRIBUTE(ENGINE_GLOBAL_INDEX), TYPE(INT64), none, 1, 1, required, 90000},
    {KIND(ENGINE), ATTRIBUTE(ENGINE_SM_COUNT_TARGET), TYPE(INT32), none, 1, 1, optional, 90000},
    {KIND(ENGINE), ATTRIBUTE(ENGINE_KNOB_INFO), TYPE(BACKEND_DESCRIPTOR), none, 0, many, answered, 90000,
     KIND(KNOB_INFO)},
    {KIND(ENGINE), ATTRIBUTE(ENGINE_NUMERICAL_NOTE), TYPE(NUMERICAL_NOTE), none, 0, many, answered, 90000},
    {KIND(ENGINE), ATTRIBUTE(ENGINE_BEHAVIOR_NOTE), TYPE(BEHAVIOR_NOTE), none, 0, many, answered, 90000},

    {KIND(ENGINECFG), ATTRIBUTE(ENGINECFG_ENGINE), TYPE(BACKEND_DESCRIPTOR), none, 1, 1, required, 90000, KIND(ENGINE)},
    {KIND(ENGINECFG), ATTRIBUTE(ENGINECFG_KNOB_CHOICES), TYPE(BACKEND_DESCRIPTOR), none, 0, many, optional, 90000,
     KIND(KNOB_CHOICE)},
    {KIND(ENGINECFG), ATTRIBUTE(ENGINECFG_WORKSPACE_SIZE), TYPE(INT64), none, 1, 1, answered, 90200},
    {KIND(ENGINECFG), ATTRIBUTE(ENGINECFG_SHARED_MEMORY_USED), TYPE(INT32), none, 1, 1, answered, 90200},

    {KIND(KNOB_CHOICE), ATTRIBUTE(KNOB_CHOICE_KNOB_TYPE), TYPE(KNOB_TYPE), none, 1, 1, required, 90000},
    {KIND(KNOB_CHOICE), ATTRIBUTE(KNOB_CHOICE_KNOB_VALUE), TYPE(INT64), none, 1, 1, required, 90000},
    {KIND(KNOB_INFO), ATTRIBUTE(KNOB_INFO_TYPE), TYPE(KNOB_TYPE), none, 1, 1, answered, 90000},
    {KIND(KNOB_INFO), ATTRIBUTE(KNOB_INFO_MAXIMUM_VALUE), TYPE(INT64), none, 1, 1, answered, 90000},
    {KIND(KNOB_INFO), ATTRIBUTE(KNOB_INFO_MINIMUM_VALUE), TYPE(INT64), none, 1, 1, answered, 90000},
    {KIND(KNOB_INFO), ATTRIBUTE(KNOB_INFO_STRIDE), TYPE(INT64), none, 1, 1, answered, 90000},

    {KIND(EXECUTION_PLAN), ATTRIBUTE(EXECUTION_PLAN_HANDLE), TYPE(HANDLE), none, 1, 1, required, 90000},
    {KIND(EXECUTION_PLAN), ATTRIBUTE(EXECUTION_PLAN_ENGINE_CONFIG), TYPE(BACKEND_DESCRIPTOR), none, 1, 1, required,
     90000, KIND(ENGINECFG)},
    {KIND(EXECUTION_PLAN), ATTRIBUTE(EXECUTION_PLAN_WORKSPACE_SIZE), TYPE(INT64), none, 1, 1, answered, 90000},
    {KIND(EXECUTION_PLAN), ATTRIBUTE(EXECUTION_PLAN_JSON_REPRESENTATION), TYPE(CHAR), none, 0, many, answered, 90000},

    {KIND(VARIANT_PACK), ATTRIBUTE(VARIANT_PACK_UNIQUE_IDS), TYPE(INT64), none, 1, 1024, required, 90000},
    {KIND(VARIANT_PACK), ATTRIBUTE(VARIANT_PACK_DATA_POINTERS), TYPE(VOID_PTR), none, 1, 1024, required, 90000},
    {KIND(VARIANT_PACK), ATTRIBUTE(VARIANT_PACK_WORKSPACE), TYPE(VOID_PTR), none, 1, 1, required, 90000},
};

const std::pair<int, const char*> kinds[] = {
    {KIND(POINTWISE), "pointwise descriptor"},
    {KIND(CONVOLUTION), "convolution descriptor"},
    {KIND(ENGINE), "engine"},
    {KIND(ENGINECFG), "engine configuration"},
    {KIND(ENGINEHEUR), "engine heuristics"},
    {KIND(EXECUTION_PLAN), "execution plan"},
    {KIND(KNOB_CHOICE), "knob choice"},
    {KIND(KNOB_INFO), "knob information"},
    {KIND(OPERATION_CONVOLUTION_FORWARD), "convolution forward"},
    {KIND(OPERATION_CONVOLUTION_BACKWARD_FILTER), "convolution backward filter"},
    {KIND(OPERATION_CONVOLUTION_BACKWARD_DATA), "convolution backward data"},
    {KIND(OPERATION_POINTWISE), "pointwise operation"},
    {KIND(OPERATIONGRAPH), "operation graph"},
    {KIND(VARIANT_PACK), "variant pack"},
    {KIND(TENSOR), "tensor"},
    {KIND(REDUCTION), "reduction descriptor"},
    {KIND(OPERATION_REDUCTION), "reduction operation"},
};

}  // namespace

const char* name_of(int kind) {
  for (auto& [number, name] : kinds) {
    if (number == kind) return name;
  }
  return nullptr;
}

const Rule& rule_of(int kind, int attribute) {
  for (const Rule& rule : rules) {
    if (rule.kind != kind || rule.attribute != attribute) continue;
    require(library().settings.version >= rule.since, CUDNN_STATUS_BAD_PARAM,
            std::string(rule.name) + " came with cuDNN " + std::to_string(rule.since) + ", this is " +
                std::to_string(library().settings.version));
    return rule;
  }
  for (const Rule& rule : rules) {
    if (rule.attribute == attribute)
      refuse(CUDNN_STATUS_BAD_PARAM, std::string("a ") + name_of(kind) + " has no " + rule.name);
  }
  refuse(CUDNN_STATUS_BAD_PARAM,
         std::string("a ") + name_of(kind) + " has no attribute " + std::to_string(attribute) + " in softcudnn");
}

std::vector<const Rule*> rules_of(int kind) {
  std::vector<const Rule*> found;
  for (const Rule& rule : rules) {
    if (rule.kind == kind) found.push_back(&rule);
  }
  return found;
}

size_t size_of_type(int type) {
  switch (type) {
    case CUDNN_TYPE_BOOLEAN:
    case CUDNN_TYPE_CHAR: return 1;
    case CUDNN_TYPE_HANDLE:
    case CUDNN_TYPE_INT64:
    case CUDNN_TYPE_DOUBLE:
    case CUDNN_TYPE_VOID_PTR:
    case CUDNN_TYPE_BACKEND_DESCRIPTOR: return 8;
    default: return 4;  // enums, INT32, FLOAT
  }
}

}  // namespace softcudnn
