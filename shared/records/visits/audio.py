"""What a recording contains, and what is said about it: closed lists, with texts."""

from __future__ import annotations

from enum import StrEnum

LONGEST_AUDIO = 8 * 3600
"""Seconds that Speech-to-Text recognises of one file (BatchRecognize, quotas page, read November 2026)."""


class Container(StrEnum):
    """The file format, by content."""

    AIFF = "aiff"
    FLAC = "flac"
    MP3 = "mp3"
    MP4 = "mp4"
    OGG = "ogg"
    WAV = "wav"
    WEBM = "webm"


class Codec(StrEnum):
    """The encoding of the samples."""

    AAC = "aac"
    ALAW = "pcm_alaw"
    FLAC = "flac"
    MP3 = "mp3"
    MULAW = "pcm_mulaw"
    OPUS = "opus"
    PCM = "pcm_s16"
    OTHER_PCM = "pcm_other"
    """8, 24 or 32 bits, or floating point."""
    VORBIS = "vorbis"
    OTHER = "other"


RECOGNISED = frozenset(
    {
        (Container.FLAC, Codec.FLAC),
        (Container.MP3, Codec.MP3),
        (Container.MP4, Codec.AAC),
        (Container.OGG, Codec.OPUS),
        (Container.WAV, Codec.PCM),
        (Container.WAV, Codec.MULAW),
        (Container.WAV, Codec.ALAW),
        (Container.WEBM, Codec.OPUS),
    }
)
"""What Speech-to-Text decodes by itself (v2, AutoDetectDecodingConfig, read November 2026)."""


CONVERTED = frozenset(
    {
        (Container.AIFF, Codec.ALAW),
        (Container.AIFF, Codec.MULAW),
        (Container.AIFF, Codec.OTHER_PCM),
        (Container.AIFF, Codec.PCM),
        (Container.OGG, Codec.FLAC),
        (Container.OGG, Codec.VORBIS),
        (Container.WAV, Codec.OTHER),
        (Container.WAV, Codec.OTHER_PCM),
    }
)
"""What is converted to FLAC, if it can be decoded; also Ogg files of several streams one after the other."""
MOST_CHANNELS = 8
"""That Speech-to-Text recognises separately (v2, multi-channel, read November 2026), and of a FLAC file."""


class AudioProblem(StrEnum):
    """Why audio cannot be transcribed, found by its content. The values are error codes of a transcription."""

    EMPTY = "audio_empty"
    ENCRYPTED = "audio_encrypted"
    NOT_READABLE = "audio_not_readable"
    TOO_LONG = "audio_too_long"
    UNSUPPORTED = "audio_unsupported"


class AudioMark(StrEnum):
    """What the doctor should know about a recording. New marks may be added: show an unknown one as it is."""

    CHANNELS_DIFFER = "channels_differ"
    """The file has another number of channels than the session's settings: nobody is told apart by channel."""
    CLIPPED = "clipped"
    """The loud parts are distorted: lower the input level, or move away from the microphone."""
    CUT_OFF = "cut_off"
    """The end of the file is missing: the transcript ends early. Upload the complete file, if there is one."""
    MOSTLY_SILENT = "mostly_silent"
    """Nearly all of it is silence: check that the right microphone is on, and not muted."""
    NARROW_BAND = "narrow_band"
    """Fewer than 16,000 samples a second, as on the telephone: more words are misheard."""
    NOISY = "noisy"
    """The voices are hardly louder than the background: move closer to the microphone, or close the window."""
    QUIET = "quiet"
    """The voices are very quiet: raise the input level, or move closer to the microphone."""
