"""Titles of columns in tables of many sequences: labels, persons, recordings, clocks, channels."""

from __future__ import annotations

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
