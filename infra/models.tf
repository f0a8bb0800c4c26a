# The models of Speech-to-Text and Gemini: the same tables that the code reads.
locals {
  writer_models = jsondecode(file("${path.module}/../shared/gateways/writer_models.json")).models
  speech_table  = jsondecode(file("${path.module}/../shared/gateways/speech_models.json"))
  speech_models = local.speech_table.models
}

# A warning, not an error: longer recordings are cut and joined, which costs the time and the CPU of split_recording.
check "speech_model_takes_long_visits" {
  assert {
    condition     = try(local.speech_models[var.speech_model].longest_seconds_with_word_times, 0) >= 3 * 3600
    error_message = "The speech model ${var.speech_model} takes no recording of 3 hours: longer recordings than it takes are cut into parts and joined, which takes minutes."
  }
}

# A warning: a visit in which people mix languages is refused with more than one there.
check "speech_model_takes_several_languages" {
  assert {
    condition = alltrue([
      try(local.speech_models[var.speech_model].most_languages, 1) > 1,
      anytrue([
        length(try(local.speech_models[var.speech_model].several_languages_locations, [])) == 0,
        contains(try(local.speech_models[var.speech_model].several_languages_locations, []), var.speech_location),
      ]),
    ])
    error_message = "The speech model ${var.speech_model} takes one language in a recording in ${var.speech_location}: a visit in several is refused (shared/gateways/speech_models.json)."
  }
}
