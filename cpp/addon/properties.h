#pragma once

#include <string>
#include <vector>

#include <napi.h>

#include "engine/error.h"

/// Properties of the objects that lib/ hands over, which has checked them.
namespace reprise {

inline double number(const Napi::Object & object, const char * name) {
    const Napi::Value value = object.Get(name);
    if (!value.IsNumber())
        throw Error(ErrorCode::option_invalid, std::string("Expected a number for ") + name);
    return value.As<Napi::Number>().DoubleValue();
}

inline int integer(const Napi::Object & object, const char * name) {
    return static_cast<int>(number(object, name));
}

inline bool boolean(const Napi::Object & object, const char * name) {
    return object.Get(name).ToBoolean();
}

inline std::string text(const Napi::Object & object, const char * name) {
    return object.Get(name).ToString();
}

inline std::vector<std::string> texts_of(const Napi::Value & value) {
    const auto array = value.As<Napi::Array>();
    std::vector<std::string> texts;
    for (uint32_t i = 0; i < array.Length(); ++i) texts.push_back(array.Get(i).ToString());
    return texts;
}

inline std::vector<std::string> texts(const Napi::Object & object, const char * name) {
    return texts_of(object.Get(name));
}

} // namespace reprise
