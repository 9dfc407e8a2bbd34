// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// For tests over facts made by hand: the shipped model, and values.
#pragma once

#include "facts/Facts.h"
#include "model/Model.h"

#include <string>

inline const fgft::Model& model() {
  static const fgft::Model loaded = fgft::Model::load(FGFT_SOURCE_DIR "/analyzer/model");
  return loaded;
}

inline fgft::Value made(fgft::ValueKind kind, const std::string& text, const std::string& path = "",
                        const std::string& record = "") {
  fgft::Value value;
  value.kind = kind;
  value.text = text;
  value.path = path;
  value.record = record;
  return value;
}
