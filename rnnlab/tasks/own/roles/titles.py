"""Titles of columns, and what each promises: of texts and series by their words, of many sequences as a whole."""

from __future__ import annotations

_LABELS = (
    "label labels class classes target category sentiment polarity score rating overall stars star activity intent emotion toxic "
    "spam language lang country topic verdict outcome species quality output y klasse kategorie classification type genre "
    "mood gold"
)
LABEL_TITLES = tuple(_LABELS.split())
"""Titles that promise labels, the likeliest first."""
_TEXTS = (
    "text texts sentence tweet review message comment body content sms email article post question utterance headline "
    "description summary title phrase query document transcript lyrics caption sequence input word surname name x satz "
    "nachricht kommentar"
)
TEXT_TITLES = tuple(_TEXTS.split())
PART_NAMES = frozenset(("train", "training", "test", "testing", "val", "valid", "validation", "dev", "eval", "holdout"))
"""Words of a column that says to which part of the data a row belongs."""
HEAD_TITLES = ("headline", "summary", "title", "subject")
"""Titles of the short form of a text, which is meant only where the text itself is not there."""
_VALUES = (
    "value values target y sales price close count demand load temperature volume consumption passengers wert umsatz preis "
    "power usage ot cnt total"
)
VALUE_TITLES = tuple(_VALUES.split())
PLACE_TITLES = ("lat", "lon", "lng", "long", "latitude", "longitude", "altitude", "elevation")
"""Titles of where something was measured, which is hardly what is forecast."""
_DATES = (
    "date datetime timestamp time ds day month year week quarter period datum zeit zeitstempel jahr monat tag uhrzeit when "
    "fecha"
)
DATE_TITLES = tuple(_DATES.split())
_IDS = "id ids index idx key uuid guid no nr num number row rownum rowid serial hash url link"
ID_TITLES = tuple(_IDS.split())
_GROUPS = (
    "user userid subject subjectid person participant patient volunteer session trial recording series sequence device "
    "sample case id uid sid pid window segment file episode run experiment player driver"
)
GROUP_TITLES = tuple(_GROUPS.split())
_CLOCKS = (
    "time timestamp t ts ms sec secs second seconds millis msec ns epoch frame tick step elapsed clock offset datetime"
)
CLOCK_TITLES = tuple(_CLOCKS.split())
_TIME_WORDS = (
    "timestamps timestep timesteps milliseconds millisecond msecs microseconds microsecond micros usec us µs nanoseconds nanos "
    "uptime zeit zeitstempel uhrzeit sekunden millisekunden tiempo tijd"
)
TIME_WORDS = frozenset((*CLOCK_TITLES, *_TIME_WORDS.split())) - {"t"}
"""Words with which the title of a clock ends, its unit left out."""
_LIKELY_TIMES = "t minute minutes hour hours day days week weeks month months year years stunden tage"
LIKELY_TIMES = frozenset(_LIKELY_TIMES.split())
"""Titles of clocks where nothing else tells the time: t may be a temperature, and hours may be those of the sun."""
_COUNTERS = (
    "index idx cycle cycles sample frame frames iteration iterations iter row line record packet seq zyklus schritt"
)
COUNTER_WORDS = frozenset((*_COUNTERS.split(), "no", "nr", "i", "n"))
"""Words with which the title of a counter of steps ends, as far as it counts."""
NUMBERING = frozenset(("index", "idx", "number", "num", "no", "nr"))
"""Words after that of what is counted: `frame_number`, `sample no`."""
_CLOCK_UNITS = "s sec secs second seconds ms msec us µs ns min mins minutes h hr hrs hours d days"
CLOCK_UNITS = frozenset(_CLOCK_UNITS.split())
"""Units that stand after the title of a clock: `Elapsed (s)`, `time_ms`."""

_LABEL_TITLES = (
    "label labels class classes activity target gesture category y classlabel class_label activity_id activity_label "
    "activityid label_id output outcome behavior behaviour state status condition movement motion action event mode "
    "stage diagnosis species fault"
)
LABELS = tuple(_LABEL_TITLES.split())
"""Titles of labels, the likeliest first."""
SURE_LABELS = frozenset(LABELS[:5]) - {"target"} | {"gesture", "classlabel", "class_label", "activity_label"}
"""Titles that say that a dated table is not a series to forecast."""
_PERSON_TITLES = (
    "user user_id userid person person_id subject subject_id subjectid subj participant participant_id pid patient "
    "patient_id volunteer driver animal dog_id player"
)
PERSONS = frozenset(_PERSON_TITLES.split())
"""Titles of the person that a row is from."""
_RECORDING_TITLES = (
    "id trial trial_id recording recording_id rec session session_id sequence sequence_id seq seq_id series series_id sample "
    "sample_id case case_id experiment experiment_id exp file filename file_name run run_id segment segment_id window "
    "window_id instance instance_id episode unit unit_number engine gesture_id repetition rep take track trip uid uuid ts_id "
    "group device device_id"
)
RECORDINGS = frozenset(_RECORDING_TITLES.split())
_TIME_TITLES = (
    "time timestamp t date datetime elapsed seconds sec ms time_ms time_s epoch step frame index measurement_number "
    "reading_id timestep time_step cycle ts date_time unix_time tick zeit zeitstempel uhrzeit temps tiempo"
)
TIMES = frozenset(_TIME_TITLES.split())
_CHANNEL_TITLES = (
    "dim_id dim dimension variable variable_name channel channel_id sensor sensor_id sensor_name axis feature signal measure "
    "metric parameter var"
)
CHANNELS = frozenset(_CHANNEL_TITLES.split())
