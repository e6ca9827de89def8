"""The schema's revisions, known without alembic, are those that alembic finds."""

from __future__ import annotations

from alembic.config import Config
from alembic.script import ScriptDirectory

from db.store.opening import MIGRATIONS, schema_revisions


def test_the_files_names_say_the_revisions_and_the_head() -> None:
    configuration = Config()
    configuration.set_main_option("script_location", str(MIGRATIONS))
    script = ScriptDirectory.from_config(configuration)
    assert schema_revisions() == [item.revision for item in script.walk_revisions()][::-1]
    assert schema_revisions()[-1] == script.get_current_head()
