"""``assistant verify``: whether the index still says what the files say."""

from __future__ import annotations

from dataclasses import asdict

from assistant.commands.options import Folder, Index, Json
from assistant.console import ExitCode, one_line


def verify(folder: Folder = None, index: Index = None, json: Json = False) -> int:
    """Comprueba que el índice está entero y dice lo mismo que los archivos.

    Vuelve a leer cada archivo y lo compara con lo guardado. El código de salida es 1 si encuentra alguna diferencia.
    """
    from assistant import places, records
    from index.verify import verify as differences_of

    location = places.locate(folder, index)
    differences = differences_of(location.index, location.folder)
    if json:
        print(records.dump([asdict(difference) for difference in differences], indent=2))
    else:
        for difference in differences:
            print(one_line(f"{difference.path or 'Índice'}: {difference.problem}"))
        print(f"{len(differences)} diferencias." if differences else "Todo coincide con los archivos.")
    return ExitCode.PARTIAL if differences else ExitCode.OK
