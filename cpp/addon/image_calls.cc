#include "addon/image_calls.h"

#include "addon/on_a_thread.h"
#include "addon/properties.h"
#include "addon/values.h"

namespace reprise {

namespace {

/// What JavaScript gives of an image: a file, or pixels where there is a width.
struct Given {
    std::vector<uint8_t> bytes;
    uint32_t width = 0;
    uint32_t height = 0;

    static Given from(const Napi::Value & value) {
        const auto copy = [](const Napi::Value & data) {
            const auto bytes = data.As<Napi::Uint8Array>();
            return std::vector<uint8_t>(bytes.Data(), bytes.Data() + bytes.ByteLength());
        };
        if (value.IsTypedArray()) return {copy(value)};
        const auto object = value.As<Napi::Object>();
        return {copy(object.Get("data")), static_cast<uint32_t>(integer(object, "width")),
                static_cast<uint32_t>(integer(object, "height"))};
    }

    ImagePixels pixels() const {
        return width == 0 ? decode_image(bytes) : opaque_pixels(width, height, bytes);
    }

    /// The same bytes are another image where its sides are others.
    std::string id(const ImageEncoder & encoder) const {
        return encoder.id_of(bytes, std::to_string(width) + "x" + std::to_string(height));
    }
};

using ImagePointer = std::shared_ptr<const Image>;

int64_t bytes_of(const Image & image) {
    size_t bytes = 0;
    for (const auto & chunk : image.chunks)
        if (const auto embeddings = chunk->embeddings()) bytes += embeddings->size() * sizeof(float);
    return static_cast<int64_t>(bytes);
}

Napi::Value image_to(Napi::Env env, const ImagePointer & image) {
    Napi::Object object = Napi::Object::New(env);
    object.Set("id", image->id);
    object.Set("tokens", tokens_to(env, image->tokens));
    object.Set("encodeMs", image->encode_ms);
    const int64_t bytes = bytes_of(*image);
    Napi::MemoryManagement::AdjustExternalMemory(env, bytes);
    object.Set("held", Napi::External<ImagePointer>::New(
                           env, new ImagePointer(image), [bytes](Napi::Env env, ImagePointer * held) {
                               delete held;
                               Napi::MemoryManagement::AdjustExternalMemory(env, -bytes);
                           }));
    return object;
}

} // namespace

Napi::Value read_image(const Napi::CallbackInfo & info, std::shared_ptr<Model> model) {
    auto given = std::make_shared<const Given>(Given::from(info[0]));
    return on_a_thread<ImagePointer>(
        info.Env(),
        [given, model = std::move(model)](const std::atomic<bool> & stop) {
            ImageEncoder & encoder = *model->images();
            return encoder.encode(
                given->id(encoder), [&] { return given->pixels(); }, [&] { return stop.load(); });
        },
        [](Napi::Env env, ImagePointer & image) { return image_to(env, image); });
}

} // namespace reprise
